/// Builds the nodes of one document from events and collects everything that is wrong on the way.
///
/// A problem that leaves the structure readable is recorded and the composition goes on; one that does not is thrown
/// and ends it in the middle of the text, before libyaml spends time on the rest.
struct Composer: ~Copyable {
    private let source: SourceText
    private var events: EventReader
    private var errors: [SyntaxError] = []
    private var depth = 0
    /// Where the open flow collections start, the innermost last: what a text that ends too early has left open.
    private var openFlows: [Position] = []
    /// Where the last scalar starts: what a line without the expected indentation continues.
    private var lastScalar: Position?
    private var tabs: TabSearch
    private var hasDocument = false

    init(_ source: SourceText) {
        self.source = source
        events = EventReader(source.bytes, source: source.number)
        tabs = TabSearch(source.bytes)
    }

    var eventCount: Int { events.count }
    var scannedCharacters: Int { events.scannedCharacters }

    /// The errors in the order of the text.
    var sortedErrors: [SyntaxError] { errors.sorted { $0.position < $1.position } }

    mutating func compose() -> Node? {
        do throws(SyntaxError) {
            return try document()
        } catch {
            errors.append(error)
            return nil
        }
    }

    private mutating func document() throws(SyntaxError) -> Node? {
        _ = try next()
        let start = try next()
        guard case .documentStart(let hasDirectives) = start.kind else { return nil }
        if hasDirectives { try record(start.start, Sentence.directive) }
        hasDocument = true
        let root = try node(try next())
        _ = try next()
        let end = try next()
        if case .documentStart = end.kind { try record(end.start, Sentence.secondDocument) }
        if case .scalar("", quoted: false) = root.content { return nil }
        return root
    }

    // MARK: Nodes

    private mutating func node(_ event: Event) throws(SyntaxError) -> Node {
        try checkProperties(event)
        switch event.kind {
        case .scalar(let text, let quoted):
            try checkScalar(text, event.start)
            // Nobody works on a text that is refused for its length.
            guard text.utf8.count <= Limits.scalarBytes else { return Node(.scalar("", quoted: true), at: event.start) }
            return Node(.scalar(text, quoted: quoted), at: event.start)
        case .sequenceStart(let isFlow):
            try enter(event.start, isFlow: isFlow)
            let items = try items()
            leave(isFlow: isFlow)
            return Node(.sequence(items), at: event.start)
        case .mappingStart(let isFlow):
            try enter(event.start, isFlow: isFlow)
            let entries = try entries()
            leave(isFlow: isFlow)
            return Node(.mapping(entries), at: event.start)
        case .alias:
            try record(event.start, Sentence.alias)
            return Node(.scalar("", quoted: true), at: event.start)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw SyntaxError(at: event.start, Sentence.missingValue)
        }
    }

    private mutating func items() throws(SyntaxError) -> [Node] {
        var items: [Node] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event))
        }
    }

    private mutating func entries() throws(SyntaxError) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var first: [String: Position] = [:]
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return entries }
            let key = try key(event)
            let value = try node(try next())
            guard let key else { continue }
            if let earlier = first[key] {
                try record(event.start, Sentence.duplicate(key, first: earlier))
            } else {
                first[key] = event.start
                entries.append(Node.Entry(key: key, keyPosition: event.start, value: value))
            }
        }
    }

    /// The text of a key, absent when it cannot name anything; its value is read and dropped then.
    private mutating func key(_ event: Event) throws(SyntaxError) -> String? {
        guard case .scalar(let text, let quoted) = event.kind else {
            if case .alias = event.kind {
                _ = try node(event)
            } else {
                try record(event.start, Sentence.complexKey)
                _ = try node(event)
            }
            return nil
        }
        try checkProperties(event)
        if text.isEmpty || (text == "~" && !quoted) {
            try record(event.start, Sentence.emptyKey)
        } else if text == "<<" && !quoted {
            try record(event.start, Sentence.mergeKey)
        } else if text.utf8.count > Limits.keyBytes {
            try record(event.start, Sentence.longKey)
        } else if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            try record(event.start, Sentence.controlInKey)
        } else {
            return text
        }
        return nil
    }

    // MARK: Checks

    private mutating func enter(_ position: Position, isFlow: Bool) throws(SyntaxError) {
        guard depth < Limits.depth else { throw SyntaxError(at: position, Sentence.depth) }
        depth += 1
        if isFlow { openFlows.append(position) }
    }

    private mutating func leave(isFlow: Bool) {
        depth -= 1
        if isFlow { openFlows.removeLast() }
    }

    private mutating func checkProperties(_ event: Event) throws(SyntaxError) {
        if event.isAnchored { try record(event.start, Sentence.anchor) }
        // libyaml forgets the tag `!` of a plain scalar, but none can start with its sign. Looking into the text costs
        // the length of the line, so it is done only for the rare scalar that can have one.
        if event.isTagged || (event.mayHideTag && source.byte(at: event.start) == UInt8(ascii: "!")) {
            try record(event.start, Sentence.tag)
        }
    }

    private mutating func checkScalar(_ text: String, _ position: Position) throws(SyntaxError) {
        if text.utf8.count > Limits.scalarBytes { try record(position, Sentence.longScalar) }
        let control = text.unicodeScalars.first { scalar in
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        if let control { try record(position, Sentence.control(control)) }
    }

    private mutating func record(_ position: Position, _ message: String) throws(SyntaxError) {
        guard errors.count < Limits.errors else { throw SyntaxError(at: position, Sentence.tooManyErrors) }
        errors.append(SyntaxError(at: position, message))
    }

    private mutating func next() throws(SyntaxError) -> Event {
        let event: Event
        do throws(ParserProblem) {
            event = try events.next()
        } catch {
            let place = Explanation.Place(hasDocument: hasDocument, lastScalar: lastScalar, openFlow: openFlows.last)
            throw Explanation(of: error, in: source, at: place).error
        }
        guard events.count <= Limits.events else { throw SyntaxError(at: event.start, Sentence.tooManyEvents) }
        if case .scalar = event.kind { lastScalar = event.start }
        // libyaml refuses tabs as the indentation of blocks only.
        for tab in tabs.tabs(through: event) {
            let position = source.position(ofByte: tab)
            try record(position, source.isFirstOnLine(position) ? Sentence.indentingTab : Sentence.tab)
        }
        return event
    }
}
