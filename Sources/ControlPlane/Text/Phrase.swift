/// A fact of a few words, harmless and with a colour.
struct Phrase: Hashable, Sendable {
    let text: String
    let colour: Colour?

    init(_ text: String, _ colour: Colour? = nil) {
        self.text = Printable.text(text)
        self.colour = colour
    }
}
