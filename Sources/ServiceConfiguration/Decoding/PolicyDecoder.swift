import YAML

/// Builds the policy of a bridge.
struct PolicyDecoder {
    let log: DiagnosticLog

    func policy(_ fields: Fields, expander: Expander) -> PolicySettings {
        var policy = PolicySettings()
        policy.allowPrivate = fields.boolean("allow_private") ?? policy.allowPrivate
        policy.allow = rules(fields, "allow", expander)
        policy.deny = rules(fields, "deny", expander)
        if fields["ports"] != nil {
            policy.ports = Set(fields.oneOrMany("ports").compactMap(Fields.integer).compactMap(UInt16.init(exactly:)))
        }
        return policy
    }

    private func rules(_ fields: Fields, _ key: String, _ expander: Expander) -> [DestinationRule] {
        guard case .sequence(let nodes)? = fields[key]?.content else { return [] }
        return nodes.compactMap { node in
            guard let text = expander.expand(node) else { return nil }
            switch DestinationRuleText.rule(text.text) {
            case .success(let rule): return rule
            case .failure(let problem):
                log.report(node.position, "cannot \(key) \(text.shown): \(problem.advice)")
                return nil
            }
        }
    }
}
