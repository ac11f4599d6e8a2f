import YAML

/// Finds a first delay before a restart that is longer than the longest.
struct BackoffCheck {
    /// One bound of the delay: what the file says, or else what holds without it.
    private struct Bound {
        var node: Node?
        var text: String
        var value: Duration?
    }

    let log: DiagnosticLog

    /// Checks a mapping with a `restart` of its own; what it leaves out comes from `defaults`.
    func check(_ fields: Fields, defaults: Fields) {
        let own = fields.mapping("restart").mapping("backoff")
        let inherited = defaults.mapping("restart").mapping("backoff")
        let initial = bound("initial", own, inherited)
        let max = bound("max", own, inherited)
        guard let node = max.node ?? initial.node, let first = initial.value, let longest = max.value,
            first > longest, first <= Schema.longest
        else { return }
        let advice = "raise `max` or lower `initial`"
        log.report(
            node.position,
            "cannot wait \(initial.text) at first (`initial`) and at most \(max.text) (`max`): \(advice)"
        )
    }

    /// Without a value where something in its place was reported.
    private func bound(_ key: String, _ own: Fields, _ inherited: Fields) -> Bound {
        for fields in [own, inherited] where fields.mentions(key, in: Schema.backoff) {
            let node = fields[key]
            return Bound(
                node: own[key],
                text: fields.text(key) ?? "",
                value: node == nil ? nil : fields.duration(key)
            )
        }
        let text = Schema.backoff[key]?.defaultText ?? ""
        return Bound(node: nil, text: text, value: Scalars.duration(text))
    }
}
