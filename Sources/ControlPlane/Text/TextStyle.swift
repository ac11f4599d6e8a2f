/// How text is laid out and painted: the terminal as far as it matters.
package struct TextStyle: Hashable, Sendable {
    /// When output is coloured.
    package enum ColourChoice: String, Sendable, CaseIterable {
        case auto
        case always
        case never
    }

    /// Narrower than this no layout can be read; the terminal cuts then.
    private static let leastWidth = 20
    /// Wider lines are hard to follow with the eye, and a broken COLUMNS must not cost memory.
    private static let mostWidth = 400
    /// For output that goes to no terminal.
    private static let usualWidth = 80

    package var width: Int
    package var hasColour: Bool
    /// False: lines and dots are drawn in ASCII.
    package var isUnicode: Bool

    package init(width: Int, hasColour: Bool = false, isUnicode: Bool = true) {
        self.width = min(max(width, Self.leastWidth), Self.mostWidth)
        self.hasColour = hasColour
        self.isUnicode = isUnicode
    }

    /// The style for a terminal, whose width is nil when there is none, in an environment.
    package init(columns: Int?, colour: ColourChoice, variable: (String) -> String?) {
        let isPlain = variable("NO_COLOR").map { !$0.isEmpty } ?? false || variable("TERM") == "dumb"
        let hasColour =
            switch colour {
            case .always: true
            case .never: false
            case .auto: columns != nil && !isPlain
            }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
        let encoding = locale.uppercased()
        let told = columns.flatMap { $0 > 0 ? $0 : nil } ?? variable("COLUMNS").flatMap(Int.init)
        self.init(
            width: told ?? Self.usualWidth,
            hasColour: hasColour,
            isUnicode: encoding.contains("UTF-8") || encoding.contains("UTF8")
        )
    }

    func paint(_ text: String, _ colour: Colour?) -> String {
        guard hasColour, let colour, !text.isEmpty else { return text }
        return "\u{1b}[\(colour.code)m\(text)\u{1b}[0m"
    }

    /// What stands between two facts of a line.
    var separator: String { isUnicode ? " · " : " - " }
    var ellipsis: String { isUnicode ? "…" : "..." }
    /// In front of a node that has nodes after it below the same parent.
    var branch: String { isUnicode ? "├─ " : "|- " }
    var lastBranch: String { isUnicode ? "└─ " : "`- " }
    /// Beside what belongs to a node that has others after it.
    var trunk: String { isUnicode ? "│  " : "|  " }
    var noTrunk: String { "   " }
}
