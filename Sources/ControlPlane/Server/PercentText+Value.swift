import Addresses

extension PercentText {
    /// A value of a request; nil when it is not well-formed, or contains NUL.
    static func value(_ encoded: some StringProtocol) -> String? {
        do {
            let text = try decoded(encoded)
            return text.utf8.contains(0) ? nil : text
        } catch {
            return nil
        }
    }
}
