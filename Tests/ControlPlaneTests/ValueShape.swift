/// What the stored properties of the API's types are, learned from values of them.
struct ValueShape {
    /// For each type by its name below the module: its properties as keys of JSON, and whether they may be absent.
    private(set) var types: [String: [String: Bool]] = [:]

    mutating func add(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .struct:
            var keys: [String: Bool] = [:]
            for child in mirror.children {
                keys[Self.key(child.label ?? "")] = Mirror(reflecting: child.value).displayStyle == .optional
                add(child.value)
            }
            // Those of the standard library are words of JSON themselves.
            let name = String(reflecting: type(of: value))
            guard name.hasPrefix("ControlPlane.") else { return }
            types[String(name.dropFirst("ControlPlane.".count))] = keys
        case .optional, .collection:
            for child in mirror.children { add(child.value) }
        case _:
            return
        }
    }

    private static func key(_ label: String) -> String {
        label.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
}
