/// What the parser has read next, and where it starts.
struct Event: Sendable {
    /// The events of libyaml, with what this project needs of each.
    enum Kind: Sendable {
        case streamStart
        case streamEnd
        case documentStart(hasDirectives: Bool)
        case documentEnd
        case alias
        case scalar(String, quoted: Bool)
        case sequenceStart(isFlow: Bool)
        case sequenceEnd
        case mappingStart(isFlow: Bool)
        case mappingEnd
    }

    /// How a scalar is written.
    enum Form: Sendable {
        case plain
        case quoted
        case block
    }

    var kind: Kind
    /// The code points from the start of the event to its end.
    var span = 0..<0
    /// Of a scalar only.
    var form = Form.plain
    /// The first character of the node, its anchor or tag included.
    var start: Position
    var isAnchored = false
    var isTagged = false
    /// A plain scalar wider than its text: a tag that libyaml forgets may stand before it.
    var mayHideTag = false
}
