import Addresses

/// Reads the entries of a policy: `example.org`, `*.example.org`, `10.0.0.1`, `10.0.0.0/8`, `[::1]`, each with `:PORT`.
enum DestinationRuleText {
    static func rule(_ text: String) -> Result<DestinationRule, AddressText.Problem> {
        if text.contains("://") { return failure("write a host instead of a URL") }
        let (host, port): (Substring, Substring?)
        switch split(text) {
        case .failure(let problem): return .failure(problem)
        case .success(let parts): (host, port) = parts
        }
        var number: UInt16?
        if let port {
            guard Scalars.isNumber(port), let value = UInt16(port), 0 < value else {
                return failure("the port must be a number from 1 to 65535")
            }
            number = value
        }
        return hosts(host).map { DestinationRule($0, port: number) }
    }

    /// An IPv6 address needs brackets only before a port.
    private static func split(_ text: String) -> Result<(host: Substring, port: Substring?), AddressText.Problem> {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return failure("close the bracket after the IPv6 address") }
            let host = text[text.index(after: text.startIndex)..<end]
            guard host.contains(":") else { return failure("write brackets around IPv6 addresses only") }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return failure("write `:PORT` after the bracket") }
            return .success((host, rest.isEmpty ? nil : rest.dropFirst()))
        }
        let colons = text.count { $0 == ":" }
        if colons > 1, let advice = adviceOnAmbiguity(of: text) { return failure(advice) }
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return .success((text[...], nil)) }
        return .success((text[..<colon], text[text.index(after: colon)...]))
    }

    /// Both `::1` with port 80 and an address that ends in 80 look like `::1:80`.
    private static func adviceOnAmbiguity(of text: String) -> String? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let (address, port) = (text[..<colon], text[text.index(after: colon)...])
        guard Scalars.isNumber(port), let number = UInt16(port), 0 < number else { return nil }
        guard IPAddress(address) != nil, IPAddress(text) != nil else { return nil }
        let (withPort, whole) = ("[\(address)]:\(port)", "\(text)/128")
        return "its end may be a port or a part of the address; write `\(withPort)` or `\(whole)`"
    }

    private static func hosts(_ text: Substring) -> Result<DestinationRule.Hosts, AddressText.Problem> {
        if text.contains("/") || IPAddress(text) != nil { return network(text) }
        if text.contains(":") { return failure("the IPv6 address is malformed; write it as in `::1` or `fd00::/8`") }
        let isBelow = text.hasPrefix("*.")
        let name = isBelow ? text.dropFirst(2) : text
        guard !name.contains("*") else { return failure("write `*.` at the start only, as in `*.example.org`") }
        guard AddressText.isHost(String(name)), IPAddress(name) == nil else {
            return failure("write a name, `*.` and a name, an address, or a block of addresses as in `10.0.0.0/8`")
        }
        let plain = (name.hasSuffix(".") ? name.dropLast() : name).lowercased()
        return .success(isBelow ? .below(plain) : .name(plain))
    }

    private static func network(_ text: Substring) -> Result<DestinationRule.Hosts, AddressText.Problem> {
        guard let network = IPNetwork(text) else {
            return failure("write a block as ADDRESS/BITS, as in `10.0.0.0/8` or `fd00::/8`")
        }
        // What is written there is probably not what is meant.
        guard !text.contains("/") || IPAddress(text.prefix { $0 != "/" }) == network.first else {
            return failure("the address has bits behind the first \(network.length); write `\(network)`")
        }
        return .success(.network(network))
    }

    private static func failure<Value>(_ advice: String) -> Result<Value, AddressText.Problem> {
        .failure(AddressText.Problem(advice: advice))
    }
}
