/// What libyaml says when it gives up, in its own words.
struct ParserProblem: Error {
    /// The stage that failed; only the reader's problems carry a byte offset in place of a mark.
    enum Stage {
        case reader(offset: Int, value: Int)
        case scanner
        case parser
        case memory
    }

    var stage: Stage
    var problem: String
    var position: Position
    var context: String
    /// Where the construct of `context` starts.
    var contextPosition: Position
}
