/// Numbers with their nouns.
enum Count {
    static func text(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)" + (number == 1 ? "" : "s")
    }
}
