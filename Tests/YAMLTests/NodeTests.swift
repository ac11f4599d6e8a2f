import Testing
import YAML

@Suite(.timeLimit(.minutes(1)))
struct NodeTests {
    /// A node as one line: every value with its place, quoted scalars in quotes.
    private func outline(_ node: Node) -> String {
        let place = "\(node.position.line):\(node.position.column)"
        switch node.content {
        case .scalar(let text, quoted: true): return "\(place)\(text.debugDescription)"
        case .scalar(let text, quoted: false): return "\(place)<\(text)>"
        case .sequence(let items): return "\(place)[" + items.map(outline).joined(separator: " ") + "]"
        case .mapping(let entries):
            let pairs = entries.map { entry in
                "\(entry.keyPosition.line):\(entry.keyPosition.column) \(entry.key)=\(outline(entry.value))"
            }
            return "\(place){" + pairs.joined(separator: " ") + "}"
        }
    }

    @Test(arguments: [
        ("a: 1", "1:1{1:1 a=1:4<1>}"),
        ("  a: 1\n  b: 2", "1:3{1:3 a=1:6<1> 2:3 b=2:6<2>}"),
        ("a:\n  b: \"5\"\n  c: 5", "1:1{1:1 a=2:3{2:3 b=2:6\"5\" 3:3 c=3:6<5>}}"),
        ("a: 'x'\nb: |\n  y\nc: >-\n  z", "1:1{1:1 a=1:4\"x\" 2:1 b=2:4\"y\\n\" 4:1 c=4:4\"z\"}"),
        ("a: {b: [1, \"2\"], c: {}}", "1:1{1:1 a=1:4{1:5 b=1:8[1:9<1> 1:12\"2\"] 1:18 c=1:21{}}}"),
        ("- a\n- - b\n- c: d", "1:1[1:3<a> 2:3[2:5<b>] 3:3{3:3 c=3:6<d>}]"),
        ("a:\n- b\n- c", "1:1{1:1 a=2:1[2:3<b> 3:3<c>]}"),
        ("ключ: {é𝄞: значение}", "1:1{1:1 ключ=1:7{1:8 é𝄞=1:12<значение>}}"),
        ("a:\nb:", "1:1{1:1 a=1:3<> 2:1 b=2:3<>}"),
        ("{a, b: }", "1:1{1:2 a=1:3<> 1:5 b=1:8<>}"),
        ("a: \"\"", "1:1{1:1 a=1:4\"\"}"),
        ("\u{feff}a: 1", "1:1{1:1 a=1:4<1>}"),
        ("a: 1\r\nb: 2\rc: 3", "1:1{1:1 a=1:4<1> 2:1 b=2:4<2> 3:1 c=3:4<3>}"),
        ("x", "1:1<x>"), ("[]", "1:1[]"), ("{}", "1:1{}"), ("--- x", "1:5<x>"),
    ])
    func `every key and value has its place`(text: String, expected: String) throws {
        let document = Document(parsing: Array(text.utf8))
        #expect(document.errors.isEmpty)
        #expect(outline(try #require(document.root)) == expected)
    }

    @Test(arguments: [
        ("a: NO", "NO"), ("a: 010", "010"), ("a: ~", "~"), ("a: null", "null"), ("a: 12:30:45", "12:30:45"),
        ("a: x#y", "x#y"), ("a: x # y", "x"), ("a: http://b:1", "http://b:1"), ("a: -1", "-1"), ("a: ?x", "?x"),
        ("a: :x", ":x"), ("a: \"\\u00e9\\n\\t\"", "é\n\t"), ("a: b\n   c\n\n   d", "b c\nd"), ("a: 'it''s'", "it's"),
        ("a: \"b\tc\" #\td", "b\tc"), ("a: 'b\tc'", "b\tc"), ("? a\n: b", "b"), ("---\na: b\n...\n", "b"),
        ("# c\n---\na: b", "b"), ("a: <<", "<<"),
        ("a: \"&b *c !d %e @f\"", "&b *c !d %e @f"), ("a: b&c*d!e%f@g", "b&c*d!e%f@g"), ("\"a\": b", "b"),
        ("a: \"x\n  y\"", "x y"), ("a: ${env:X:-y}", "${env:X:-y}"), ("a: b\u{2028}", "b"),
        ("a: |\n b\n \tc\n", "b\n\tc\n"), ("a: > #\tc\n b\tc\n#\td", "b\tc\n"), ("#\t\na: b #\t", "b"),
        ("a: \"b\n\tc\"", "b c"),
    ])
    func `a scalar is its text, never a guess at its type`(text: String, expected: String) throws {
        let document = Document(parsing: Array(text.utf8))
        #expect(document.errors.isEmpty)
        guard case .mapping(let entries) = try #require(document.root).content, entries.count == 1,
            case .scalar(let value, _) = entries[0].value.content
        else {
            Issue.record("not one key with a scalar")
            return
        }
        #expect(entries[0].key == "a")
        #expect(value == expected)
    }

    @Test(arguments: [
        ("<<", "\"<<\": 1"), ("~", "'~': 1"), ("a b", "a b: 1"), ("x-y.z", "x-y.z: 1"), ("null", "null: 1"),
        ("5", "5: 1"),
    ])
    func `a quoted sign and any word can be a key`(key: String, text: String) throws {
        let document = Document(parsing: Array(text.utf8))
        #expect(document.errors.isEmpty)
        guard case .mapping(let entries) = try #require(document.root).content else {
            Issue.record("not a mapping")
            return
        }
        #expect(entries.map(\.key) == [key])
    }

    @Test(arguments: ["", "\n\n", "# only a comment", "---", "--- # c\n...\n", "\u{feff}", "  \n"])
    func `a text without content has no root and no error`(text: String) {
        let document = Document(parsing: Array(text.utf8))
        #expect(document.root == nil)
        #expect(document.errors.isEmpty)
    }

    @Test
    func `a recorded error leaves the rest of the document readable`() throws {
        let document = Document(parsing: Array("a: &x {b: 1, b: 2}\na: 3\n<<: {y: 1}\nc: !!int 4".utf8))
        #expect(document.errors.count == 5)
        #expect(outline(try #require(document.root)) == "1:1{1:1 a=1:4{1:8 b=1:11<1>} 4:1 c=4:4<4>}")
    }
}
