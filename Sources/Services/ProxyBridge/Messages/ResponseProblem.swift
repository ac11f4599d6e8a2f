/// Why an upstream's reply cannot be understood.
enum ResponseProblem: Error, Hashable, Sendable {
    case notHTTP
    /// A line of the head that is no field, or a byte in it that no head has.
    case malformedHead
    /// A status that is no number of three digits.
    case statusOutOfRange
    case headTooLarge
    case tooManyInformational
    case contentLength
    case transferCoding
    case malformedChunk
    /// 101, although the client asked for no other protocol.
    case unaskedUpgrade
    /// 101, but not to the protocol that the client asked for.
    case otherUpgrade
}
