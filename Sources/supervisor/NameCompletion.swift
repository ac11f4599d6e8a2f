import ControlPlane

/// The names of the running services, for the completion of a shell.
enum NameCompletion {
    /// A person who waits for a completion stops typing.
    private static let patience = Duration.milliseconds(500)

    @Sendable
    static func names(words: [String], index: Int, prefix: String) -> [String] {
        var control = ControlOptions()
        control.socket = socket(in: words)
        do {
            let snapshot = try control.client().answer(Snapshot.self, to: .status(silence: patience)).value
            return KnownNames(snapshot).names
        } catch {
            return []
        }
    }

    private static func socket(in words: [String]) -> String? {
        if let index = words.firstIndex(of: "--socket"), index + 1 < words.count { return words[index + 1] }
        let option = "--socket="
        return words.first { $0.hasPrefix(option) }.map { String($0.dropFirst(option.count)) }
    }
}
