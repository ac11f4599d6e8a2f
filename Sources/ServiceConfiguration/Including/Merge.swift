import YAML

/// Makes one tree of the tree of a file and those of the files that it includes.
struct Merge {
    let log: DiagnosticLog

    /// `main` with the definitions of `included`; of a name that is defined twice the first counts, the second is
    /// reported.
    func tree(of main: Node, with included: [Node]) -> Node {
        guard !included.isEmpty, case .mapping(let entries) = main.content else { return main }
        let roots = [main] + included
        var merged = entries.filter { Schema.included[$0.key] == nil }
        // What may be meant for one of the keys below: the decoder then knows that names are missing.
        merged += included.flatMap(entriesOf).filter { Schema.root[$0.key] == nil }
        for key in Schema.included.keys {
            let found = roots.flatMap(entriesOf).filter { $0.key == key.name }
            guard let first = found.first else { continue }
            merged.append(definitions(in: found, as: key.type) ?? first)
        }
        return Node(.mapping(merged), at: main.position)
    }

    /// One entry for several of the same key; nil when none of them has definitions.
    private func definitions(in entries: [Node.Entry], as type: SchemaType) -> Node.Entry? {
        guard case .names(let word, _) = type else { return nil }
        let mappings = entries.filter { entry in
            guard case .mapping = entry.value.content else { return false }
            return true
        }
        guard var result = mappings.first else { return nil }
        var first: [String: Position] = [:]
        var all: [Node.Entry] = []
        for definition in mappings.flatMap({ entriesOf($0.value) }) {
            if let earlier = first[definition.key] {
                let place = "the first is at \(log.source(earlier))"
                log.report(
                    definition.keyPosition,
                    "cannot define the \(word) `\(definition.key)` twice: \(place); rename or remove one of the two"
                )
            } else {
                first[definition.key] = definition.keyPosition
                all.append(definition)
            }
        }
        result.value.content = .mapping(all)
        return result
    }

    private func entriesOf(_ node: Node) -> [Node.Entry] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries
    }
}
