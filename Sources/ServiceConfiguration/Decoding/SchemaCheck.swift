import YAML

/// Holds a tree of nodes against the schema and reports everything that a single value shows.
///
/// What depends on other values, on expressions or on the surroundings is left to the decoder, which finds every value
/// in its place or knows that the complaint was made.
struct SchemaCheck {
    let log: DiagnosticLog
    let templates: TemplateTable

    func checkRoot(_ root: Node) {
        guard case .mapping(var entries) = root.content else {
            log.report(root.position, "cannot use \(shape(root)) as a configuration: start with the key `services`")
            return
        }
        entries.removeAll { $0.key.hasPrefix("x-") }
        check(entries: entries, against: Schema.root, at: root.position)
    }

    /// Checks the root of a file that `main` includes.
    func checkIncluded(_ root: Node, by main: String) {
        guard case .mapping(var entries) = root.content else {
            let advice = "start with a key such as `services`"
            log.report(root.position, "cannot use \(shape(root)) as a part of a configuration: \(advice)")
            return
        }
        entries.removeAll { $0.key.hasPrefix("x-") }
        let misplaced = entries.filter { Schema.included[$0.key] == nil && Schema.root[$0.key] != nil }
        for entry in misplaced { log.report(entry.keyPosition, misplacedComplaint(entry.key, main: main)) }
        entries.removeAll { Schema.included[$0.key] == nil && Schema.root[$0.key] != nil }
        check(entries: entries, against: Schema.included, at: root.position)
    }

    private func misplacedComplaint(_ key: String, main: String) -> String {
        let place = Wording.quotedPath(main)
        return key == Schema.include
            ? "cannot include more files from an included one: move this into `\(key)` of \(place)"
            : "cannot use `\(key)` in an included file: it belongs in \(place), move it there"
    }

    private func check(_ node: Node, as key: SchemaKey) {
        if case .scalar(let text, let quoted) = node.content, Scalars.isNull(text, quoted: quoted),
            !key.type.hasChoice(text)
        {
            // A key with nothing after it is a typing error more often than a wish.
            guard !key.isNullable || text.isEmpty else { return }
            log.report(node.position, emptyComplaint(of: key))
            return
        }
        check(node, as: key.type, of: key.name)
    }

    private func emptyComplaint(of key: SchemaKey) -> String {
        let null = key.isNullable ? " or `null`" : ""
        let removal = null + (key.isRequired ? "" : ", or remove the key")
        return "cannot leave `\(key.name)` empty: \(key.type.advice)\(removal)"
    }

    /// `advice` is what to write instead, where that is more than the type knows.
    private func check(_ node: Node, as type: SchemaType, of key: String, advice: String? = nil) {
        switch type {
        case .text, .listen, .destination:
            guard let text = scalar(node, as: type, of: key) else { return }
            _ = templates.template(of: text, at: node)
        case .boolean, .integer, .decimal, .duration, .size, .choice:
            let advice = advice ?? type.advice
            guard case .scalar(let text, let quoted) = node.content else {
                return wrongShape(node, of: key, advice: advice)
            }
            let complaint = ScalarCheck.complaint(text, quoted: quoted, as: type, of: key, advice: advice)
            if let complaint { log.report(node.position, complaint) }
        case .reference, .pattern:
            _ = scalar(node, as: type, of: key)
        case .list(let element):
            guard case .sequence(let nodes) = node.content else { return wrongShape(node, as: type, of: key) }
            for node in nodes { check(node, as: element, of: key) }
        case .some(let element):
            guard case .sequence(let nodes) = node.content else { return wrongShape(node, as: type, of: key) }
            checkSome(nodes, of: node, as: type, each: element, of: key)
        case .oneOrMany(let element):
            guard case .sequence(let nodes) = node.content else { return check(node, as: element, of: key) }
            checkSome(nodes, of: node, as: type, each: element, of: key)
        case .record(let record):
            guard case .mapping(let entries) = node.content else { return wrongShape(node, as: type, of: key) }
            check(entries: entries, against: record, at: node.position)
        case .names(let word, let element):
            guard case .mapping(let entries) = node.content else { return wrongShape(node, as: type, of: key) }
            for entry in entries { check(entry, named: word, as: element) }
        case .either(let scalar, let record):
            guard case .mapping(let entries) = node.content else {
                return check(node, as: scalar, of: key, advice: type.advice)
            }
            check(entries: entries, against: record, at: node.position)
        case .service:
            log.report(node.position, "cannot use a service for `\(key)`: move it under `services`")
        }
    }

    private func checkSome(
        _ nodes: [Node],
        of list: Node,
        as type: SchemaType,
        each element: SchemaType,
        of key: String
    ) {
        if nodes.isEmpty { log.report(list.position, "cannot use an empty list for `\(key)`: \(type.advice)") }
        for node in nodes { check(node, as: element, of: key) }
    }

    /// A definition under a name that the file chooses.
    private func check(_ entry: Node.Entry, named word: String, as type: SchemaType) {
        if let complaint = Names.complaint(entry.key, word: word) {
            log.report(entry.keyPosition, complaint)
        }
        if case .scalar(let text, let quoted) = entry.value.content, Scalars.isNull(text, quoted: quoted) {
            // A line in the wrong place may be a secret that looks like a variable's name.
            let message =
                word == Names.variable
                ? "cannot leave \(Wording.article(word)) empty: \(type.advice), `\"\"` for none"
                : "cannot leave \(word) `\(entry.key)` empty: \(type.advice)"
            log.report(entry.value.position, message)
            return
        }
        switch type {
        case .service: checkService(entry)
        case .record(let record):
            guard case .mapping(let entries) = entry.value.content else {
                return wrongShape(entry.value, as: type, of: entry.key)
            }
            check(entries: entries, against: record, at: entry.keyPosition)
        case .text, .boolean, .integer, .decimal, .duration, .size, .choice, .listen, .destination, .reference,
            .pattern,
            .list, .some, .oneOrMany, .names, .either:
            check(entry.value, as: type, of: entry.key)
        }
    }

    private func checkService(_ service: Node.Entry) {
        guard case .mapping(let entries) = service.value.content else {
            return wrongShape(service.value, as: .service, of: service.key)
        }
        let kind = entries.first { $0.key == "type" }.flatMap { Fields.kind(of: $0.value) }
        guard let kind else {
            checkTypeless(entries, at: service.keyPosition)
            return
        }
        check(entries: entries, against: kind.record, at: service.keyPosition)
    }

    /// Without a type only common keys can be judged, and keys that no type has; what some type has stays unsaid.
    private func checkTypeless(_ entries: [Node.Entry], at position: Position) {
        let typeless = SchemaRecord(name: Schema.common.name, keys: Schema.common.keys.map(optionalUnlessType))
        let judged = entries.filter { typeless[$0.key] != nil || Schema.anyService[$0.key] == nil }
        check(entries: judged, against: typeless, at: position, suggesting: Schema.anyService)
    }

    private func optionalUnlessType(_ key: SchemaKey) -> SchemaKey {
        var key = key
        key.isRequired = key.name == Schema.type.name
        return key
    }

    private func check(
        entries: [Node.Entry],
        against record: SchemaRecord,
        at position: Position,
        suggesting candidates: SchemaRecord? = nil
    ) {
        for entry in entries {
            guard let key = record[entry.key] else {
                log.report(entry.keyPosition, UnknownKey.complaint(entry.key, in: record, candidates: candidates))
                continue
            }
            check(entry.value, as: key)
        }
        let found = entries.filter { record.alternatives.contains($0.key) }
        if found.count > 1 {
            let names = found.map { "`\($0.key)`" }.joined(separator: " and ")
            log.report(found[1].keyPosition, "cannot use \(names) in one mapping: keep one and remove the others")
        }
        let missing = record.keys.filter { key in key.isRequired && !entries.contains { $0.key == key.name } }
        let lacksAlternative = found.isEmpty && !record.alternatives.isEmpty
        guard !missing.isEmpty || lacksAlternative else { return }
        let names = record.keys.map(\.name)
        let unknown = entries.lazy.map(\.key).filter { record[$0] == nil }.prefix(Nearest.unknownLimit)
        let meant = Set(unknown.compactMap { Nearest.candidate(to: $0, among: names) })
        if let waiver = record.waiver, meant.contains(waiver) || entries.contains(where: { $0.key == waiver }) {
            return
        }
        reportMissing(missing.filter { !meant.contains($0.name) }, in: record, at: position)
        guard lacksAlternative, meant.isDisjoint(with: record.alternatives) else { return }
        let choice = Wording.alternatives(record.alternatives.map { "`\($0)`" })
        log.report(position, "cannot use \(record.name) without \(choice): add one of them")
    }

    private func reportMissing(_ missing: [SchemaKey], in record: SchemaRecord, at position: Position) {
        guard !missing.isEmpty else { return }
        let names = missing.map { "`\($0.name)`" }.joined(separator: " and ")
        let advice = missing.count == 1 ? missing.map { $0.type.advice }.joined() : "add both"
        log.report(position, "cannot use \(record.name) without \(names): \(missing.count > 2 ? "add them" : advice)")
    }

    private func scalar(_ node: Node, as type: SchemaType, of key: String) -> String? {
        guard case .scalar(let text, let quoted) = node.content else {
            wrongShape(node, as: type, of: key)
            return nil
        }
        guard !Scalars.isNull(text, quoted: quoted) else {
            log.report(node.position, "cannot leave `\(key)` empty: \(type.advice)")
            return nil
        }
        return text
    }

    private func wrongShape(_ node: Node, as type: SchemaType, of key: String) {
        wrongShape(node, of: key, advice: type.advice)
    }

    private func wrongShape(_ node: Node, of key: String, advice: String) {
        log.report(node.position, "cannot use \(shape(node)) for `\(key)`: \(advice)")
    }

    private func shape(_ node: Node) -> String {
        switch node.content {
        case .scalar(let text, let quoted): Scalars.isNull(text, quoted: quoted) ? "nothing" : "a plain value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
