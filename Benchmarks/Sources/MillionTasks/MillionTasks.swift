/// A million tasks; prints what they took as one line.
@main
enum MillionTasks {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        let names = words.filter { !$0.hasPrefix("--") && Int($0) == nil }
        let sleep = words.lazy.compactMap { Int($0) }.first.map { Duration.milliseconds($0) } ?? Work.sleep
        guard let variant = Variant(rawValue: names.first ?? Variant.pool.rawValue) else {
            let known = Variant.allCases.map(\.rawValue).joined(separator: ", ")
            print("cannot measure `\(names[0])`: name one of \(known)")
            return
        }
        print(try await variant.run(sleep).text(asJSON: words.contains("--json")))
    }
}
