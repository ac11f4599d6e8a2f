import CLibYAML

/// Owns a libyaml parser and the bytes that it reads.
///
/// The parser keeps a pointer to itself as its read handler's argument, so it lives at a fixed address of the heap.
struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let source: Int
    /// The events read so far.
    private(set) var count = 0

    init(_ bytes: [UInt8], source: Int) {
        self.source = source
        parser = .allocate(capacity: 1)
        // One byte at least: libyaml asserts that the address is not null.
        input = .allocate(capacity: max(bytes.count, 1))
        _ = input.initialize(from: bytes)
        let isInitialized = yaml_parser_initialize(parser) == 1
        precondition(isInitialized, "out of memory for a YAML parser")
        // Set, not detected: libyaml would decode UTF-16 as well.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// How many characters the scanner has looked at, some of them ahead of the last event.
    var scannedCharacters: Int { Int(parser.pointee.mark.index) }

    mutating func next() throws(ParserProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }
        count += 1
        var result = Event(kind: Self.kind(of: event), start: position(event.start_mark))
        (result.isAnchored, result.isTagged) = Self.properties(of: event)
        let begin = Int(event.start_mark.index)
        result.span = begin..<max(begin, Int(event.end_mark.index))
        result.form = Self.form(of: event)
        if case .scalar(let text, quoted: false) = result.kind {
            let isOneLine = event.start_mark.line == event.end_mark.line
            let width = Int(event.end_mark.column) - Int(event.start_mark.column)
            result.mayHideTag = !isOneLine || width != text.unicodeScalars.count
        }
        return result
    }

    private static func properties(of event: yaml_event_t) -> (isAnchored: Bool, isTagged: Bool) {
        switch event.type {
        case YAML_SCALAR_EVENT:
            (
                event.data.scalar.anchor != nil,
                event.data.scalar.tag != nil
                    || (event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE && event.data.scalar.quoted_implicit == 0)
            )
        case YAML_SEQUENCE_START_EVENT:
            (event.data.sequence_start.anchor != nil, event.data.sequence_start.tag != nil)
        case YAML_MAPPING_START_EVENT: (event.data.mapping_start.anchor != nil, event.data.mapping_start.tag != nil)
        default: (false, false)
        }
    }

    private static func form(of event: yaml_event_t) -> Event.Form {
        guard event.type == YAML_SCALAR_EVENT else { return .plain }
        return switch event.data.scalar.style {
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
        default: .plain
        }
    }

    private static func kind(of event: yaml_event_t) -> Event.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT:
            .documentStart(
                hasDirectives: event.data.document_start.version_directive != nil
                    || event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end
            )
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_SCALAR_EVENT:
            .scalar(
                String(
                    decoding: UnsafeBufferPointer(start: event.data.scalar.value, count: event.data.scalar.length),
                    as: UTF8.self
                ),
                quoted: event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE
            )
        case YAML_SEQUENCE_START_EVENT:
            .sequenceStart(isFlow: event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            .mappingStart(isFlow: event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: .mappingEnd
        // After the end of the stream libyaml answers with events of no type.
        default: .streamEnd
        }
    }

    private func problem() -> ParserProblem {
        let stage: ParserProblem.Stage =
            switch parser.pointee.error {
            case YAML_READER_ERROR:
                .reader(offset: Int(parser.pointee.problem_offset), value: Int(parser.pointee.problem_value))
            case YAML_SCANNER_ERROR: .scanner
            case YAML_MEMORY_ERROR: .memory
            default: .parser
            }
        return ParserProblem(
            stage: stage,
            problem: Self.text(parser.pointee.problem),
            position: position(parser.pointee.problem_mark),
            context: Self.text(parser.pointee.context),
            contextPosition: position(parser.pointee.context_mark)
        )
    }

    private static func text(_ words: UnsafePointer<CChar>?) -> String {
        guard let words else { return "" }
        return String(cString: words)
    }

    private func position(_ mark: yaml_mark_t) -> Position {
        Position(source: source, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
