/// One word of a choice.
struct SchemaChoice: Sendable {
    var word: String
    var availability: SchemaAvailability

    init(_ word: String, _ availability: SchemaAvailability = .available) {
        self.word = word
        self.availability = availability
    }
}
