/// Why an upstream's reply cannot be understood.
enum ResponseProblem: Error, Hashable, Sendable {
    case notHTTP
    case headTooLarge
    case tooManyInformational
    case contentLength
    case transferCoding
    case malformedChunk
}
