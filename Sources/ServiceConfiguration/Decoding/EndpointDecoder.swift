import Addresses
import YAML

/// Reads where the daemon itself answers: the keys `control` and `status`.
struct EndpointDecoder {
    let decoder: Decoder

    private var log: DiagnosticLog { decoder.log }
    private var surroundings: Surroundings { decoder.surroundings }

    func control(_ fields: Fields) -> ControlSettings {
        var settings = ControlSettings()
        settings.socket = fields["socket"].flatMap(socket)
        settings.group = fields["group"].flatMap(group)
        return settings
    }

    func status(_ fields: Fields) -> StatusSettings? {
        guard let node = fields["listen"], let text = decoder.expander().expand(node) else { return nil }
        switch AddressText.listenAddress(text.text) {
        case .success(.udp):
            log.report(
                node.position,
                "cannot listen on \(text.shown): the status page is HTTP, so write HOST:PORT alone"
            )
            return nil
        case .success(let address):
            return StatusSettings(listen: Located(address, at: log.source(node.position)))
        case .failure(let problem):
            log.report(node.position, "cannot listen on \(text.shown): \(problem.advice)")
            return nil
        }
    }

    /// The endpoints as services, the control socket first.
    func endpoints(_ control: ControlSettings, _ status: StatusSettings?) -> [ServiceSpecification] {
        let start = log.source(Position(line: 1, column: 1))
        let path = ControlSocketPath(variable: surroundings.variable, userID: surroundings.userID).path
        let socket = control.socket ?? Located(path, at: start)
        var endpoints = [
            endpoint(
                .control(group: control.group?.value),
                on: Located(.unix(path: socket.value), at: socket.position)
            )
        ]
        // Nobody has asked for the default one: where it cannot be, the services run all the same.
        endpoints[0].essential = control.socket != nil
        if let status { endpoints.append(endpoint(.status, on: status.listen)) }
        return endpoints
    }

    private func endpoint(_ kind: EndpointKind, on listen: Located<ListenAddress>) -> ServiceSpecification {
        var endpoint = ServiceSpecification(
            name: kind.name,
            at: listen.position,
            kind: .endpoint,
            listen: [listen]
        )
        endpoint.endpoint = kind
        endpoint.maxConnections = kind.maxConnections
        return endpoint
    }

    private func socket(_ node: Node) -> Located<String>? {
        guard let text = decoder.expander().expand(node) else { return nil }
        switch AddressText.unixPath(text.text[...]) {
        case .success(let path): return Located(path, at: log.source(node.position))
        case .failure(let problem):
            let advice = text.text.hasPrefix("/") ? problem.advice : "write an absolute path, without `unix:`"
            log.report(node.position, "cannot use \(text.shown) for `socket`: \(advice)")
            return nil
        }
    }

    private func group(_ node: Node) -> Located<UInt32>? {
        guard let text = decoder.expander().expand(node) else { return nil }
        let number = Scalars.isNumber(text.text) ? UInt32(text.text) : surroundings.groupNumber(text.text)
        // The largest number means "none" to the kernel.
        guard let number, number != .max else {
            log.report(
                node.position,
                "cannot find the group \(text.shown) on this machine: write the name or the number of a group"
            )
            return nil
        }
        return Located(number, at: log.source(node.position))
    }
}
