import Addresses
import YAML

/// Builds the probe of a bridge.
struct BridgeProbeDecoder {
    let log: DiagnosticLog
    let expander: Expander

    /// The probe for a bridge with `upstream`; what contradicts itself is reported.
    func probe(_ node: Node?, for upstream: UpstreamSettings) -> BridgeProbe {
        let fields = Fields(node)
        var probe = BridgeProbe()
        probe.mode = fields.text("mode").flatMap(BridgeProbe.Mode.init)
        probe.timeout = fields.duration("timeout") ?? probe.timeout
        probe.onFail = fields.text("on_fail").flatMap(BridgeProbe.OnFail.init) ?? probe.onFail
        if let target = fields["target"] { probe.target = destination(target) }
        guard let node else { return probe }
        let hasTarget = fields.mentions("target", in: Schema.probe)
        switch probe.mode {
        case .target where !hasTarget:
            log.report(node.position, "cannot probe a target without its address: add `target: HOST:PORT`")
        case .auth where upstream == .direct, .tcp where upstream == .direct:
            log.report(
                fields["mode"]?.position ?? node.position,
                "cannot probe the upstream of a bridge that has none: use `mode: target` or `mode: off`"
            )
        case .off, .tcp, .auth, .target, nil:
            break
        }
        if hasTarget, probe.mode != .target, let target = fields["target"], !fields.mentionsBrokenMode {
            log.report(target.position, "cannot use `target` with another mode: add `mode: target`, or remove it")
        }
        return probe
    }

    private func destination(_ node: Node) -> Destination? {
        guard let text = expander.expand(node) else { return nil }
        switch AddressText.destination(text.text) {
        case .success(.unix):
            log.report(node.position, "cannot reach a unix socket through an upstream: write HOST:PORT")
            return nil
        case .success(let destination):
            return destination
        case .failure(let problem):
            log.report(node.position, "cannot connect to \(text.shown): \(problem.advice)")
            return nil
        }
    }
}

extension Fields {
    /// A mode is there that the schema check has reported.
    fileprivate var mentionsBrokenMode: Bool {
        text("mode").map { BridgeProbe.Mode(rawValue: $0) == nil } ?? (mentions("mode", in: Schema.probe))
    }
}
