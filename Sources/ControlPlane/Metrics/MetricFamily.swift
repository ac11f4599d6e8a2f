/// All samples of one metric, with what it means: a block of the Prometheus text format 0.0.4.
struct MetricFamily {
    /// What a value may do.
    enum Kind: String {
        /// Only grows, until the daemon starts anew.
        case counter
        case gauge
    }

    private let name: String
    private let kind: Kind
    private let help: String
    private var samples = ""

    /// The name is without the prefix that all metrics of the daemon share.
    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = "supervisor_" + name
        self.kind = kind
        self.help = help
    }

    mutating func add(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
        add(text: "\(value)", labels)
    }

    mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        add(text: "\(value)", labels)
    }

    mutating func add(_ value: Bool, _ labels: KeyValuePairs<String, String> = [:]) {
        add(text: value ? "1" : "0", labels)
    }

    /// One sample for each word, 1 for the one that holds: a word that is not known gets a sample of its own.
    mutating func addSet(
        _ label: String,
        _ words: some Sequence<String>,
        present: String,
        _ labels: KeyValuePairs<String, String> = [:]
    ) {
        var isKnown = false
        for word in words {
            isKnown = isKnown || word == present
            add(text: word == present ? "1" : "0", labels, (label, word))
        }
        if !isKnown { add(text: "1", labels, (label, present)) }
    }

    /// The block, or nothing without a sample.
    var text: String {
        samples.isEmpty ? "" : "# HELP \(name) \(Self.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n" + samples
    }

    private mutating func add(
        text: String,
        _ labels: KeyValuePairs<String, String>,
        _ more: (key: String, value: String)? = nil
    ) {
        samples += name
        var separator = "{"
        for label in Array(labels) + (more.map { [$0] } ?? []) {
            samples += separator + label.key + "=\"" + Self.escaped(label.value) + "\""
            separator = ","
        }
        samples += (separator == "," ? "} " : " ") + text + "\n"
    }

    /// A value of a label: backslash, quote and line break would end it.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else { return text }
        return escapedHelp(text).replacing("\"", with: "\\\"")
    }

    static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }
}
