import Testing
import YAML

/// A text that is refused, with every place and a fragment of every sentence.
struct Refusal: CustomTestStringConvertible, Sendable {
    var text: String
    var errors: [(place: String, fragment: String)]

    init(_ text: String, _ errors: (place: String, fragment: String)...) {
        self.text = text
        self.errors = errors
    }

    var testDescription: String { "\(text.debugDescription)" }
}

@Suite(.timeLimit(.minutes(1)))
struct SyntaxErrorTests {
    @Test(arguments: [
        Refusal("a: 1\na: 2", ("2:1", "key `a` twice in one mapping, it is first at 1:1")),
        Refusal("{é: 1, b: 2, é: 3}", ("1:14", "key `é` twice in one mapping, it is first at 1:2")),
        Refusal("a: 1\n\"a\": 2\nb: &x 1\na: 3", ("2:1", "first at 1:1"), ("3:4", "anchor"), ("4:1", "first at 1:1")),
        Refusal("a: 1\na: {b: 1, b: 2}", ("2:1", "key `a` twice"), ("2:11", "key `b` twice")),
        Refusal("a: &x 1\nb: *x", ("1:4", "anchor"), ("2:4", "alias")),
        Refusal("&a k: v", ("1:1", "anchor")),
        Refusal(
            "&a {k: v}: 1\nb: &c !d {e: f}",
            ("1:1", "a list"),
            ("1:1", "anchor"),
            ("2:4", "anchor"),
            ("2:4", "tag")
        ),
        Refusal("a: &x", ("1:4", "anchor")),
        Refusal("*a : v", ("1:1", "alias")),
        Refusal("a: & 1", ("1:4", "start a value with `&`")),
        Refusal("a: * 1", ("1:4", "start a value with `*`")),
        Refusal("a: !!str 5", ("1:4", "tag")),
        Refusal("a: ! 5", ("1:4", "tag")),
        Refusal("a: ! \"5\"", ("1:4", "tag")),
        Refusal("a: !x 5", ("1:4", "tag")),
        Refusal("a: !<x> 5", ("1:4", "tag")),
        Refusal("a: !x!y 5", ("1:4", "tag")),
        Refusal("a: !!seq [1]\nb: !!map {c: 1}", ("1:4", "tag"), ("2:4", "tag")),
        Refusal("a: 1\nb:\n  <<: *x", ("3:3", "merge key"), ("3:7", "alias")),
        Refusal("[a, b]: 1", ("1:1", "a list or a mapping as a key")),
        Refusal("? {a: 1}\n: 1", ("1:3", "a list or a mapping as a key")),
        Refusal(": 1", ("1:1", "empty key")),
        Refusal("a: 1\n: 1", ("2:1", "empty key")),
        Refusal("? \n: 1", ("1:2", "empty key")),
        Refusal("~: 1", ("1:1", "empty key")),
        Refusal("\"\": 1", ("1:1", "empty key")),
        Refusal("\"a\\nb\": 1", ("1:1", "line break")),
        Refusal("a: 1\n---\nb: 1", ("2:1", "second document")),
        Refusal("a: 1\n--- b\n", ("2:1", "second document")),
        Refusal("a: 1\n...\nb: 1", ("3:1", "after the end of the document")),
        Refusal("# c\n%YAML 1.1\n---\na: 1", ("2:1", "directive")),
        Refusal("%TAG ! x:\n---\na: 1", ("1:1", "directive")),
        Refusal("%YAML 1.3\n---\na: 1", ("1:1", "directive")),
        Refusal("%YAML 1.1\na: 1", ("1:1", "directive")),
        Refusal("%FOO\n---\na: 1", ("1:1", "directive")),
    ])
    func `a construct outside the format is refused where it starts`(refusal: Refusal) {
        expect(refusal)
    }

    @Test(arguments: [
        Refusal("a:\n\tb: 1", ("2:1", "tab")),
        Refusal("\ta: 1", ("1:1", "tab")),
        Refusal("a: 1\n\tb: 2", ("2:1", "tab")),
        Refusal("a: |\n x\n\ty", ("3:1", "tab")),
        Refusal("a: [\n  1,\n \t2\n]", ("3:2", "tab")),
        Refusal("{\n\ta: 1,\n\tb: 2\n\t}", ("2:1", "tab"), ("3:1", "tab"), ("4:1", "tab")),
        Refusal("x-a:\t1", ("1:5", "tab between")),
        Refusal("é: {type: echo,\tlisten: 1}", ("1:16", "tab between")),
        Refusal("a: b\tc", ("1:5", "tab between")),
        Refusal("a: b\t# c\t\nd:\t\n", ("1:5", "tab between"), ("2:3", "tab between")),
        Refusal("-\t'a'", ("1:2", "tab between")),
        Refusal("- 'a\tb'\n- |\t\n x\ty\n- z\t", ("2:4", "tab between"), ("4:4", "tab between")),
        Refusal("a: |\t# c\t\n b\tc\n", ("1:5", "tab between")),
        Refusal("a: [b\r\n\tc, 'é\t'\t]", ("2:1", "tab as indentation")),
        Refusal("a: [1\t,2] # \t\n\t\n#\t\n", ("1:6", "tab between"), ("2:1", "tab as indentation")),
        Refusal("a: b: c", ("1:5", "second `key:` in one line")),
        Refusal("a: 1\n b: 2", ("2:3", "continues the text from 1:4")),
        Refusal("a\nb: 1", ("2:2", "continues the text from 1:1")),
        Refusal(String(repeating: "k", count: 1100) + ": 1", ("1:1101", "key of over 256 bytes")),
        Refusal("s:\n  e:\n    t: x\n   l: y", ("4:4", "indent it like the block that starts at 2:3")),
        Refusal("  a: 1\n b: 2", ("2:2", "indent it like the first line")),
        Refusal("a: \"x\" y", ("1:8", "text after the end of a value")),
        Refusal("a: 'it's'", ("1:8", "text after the end of a value")),
        Refusal("a: [x] y", ("1:8", "text after the end of a value")),
        Refusal("a: 1\n- b", ("2:1", "list item here")),
        Refusal("- a\nb: 1", ("2:1", "indentation fits nothing that is open")),
        Refusal("a: - b", ("1:4", "`-` list on this line")),
        Refusal("a: ? b", ("1:4", "`?` here")),
        Refusal("a: 1\nb\nc: 2", ("2:1", "a colon and a space after the key")),
        Refusal("- a\n-b", ("2:1", "a space after `-`")),
        Refusal("a: @x", ("1:4", "start a value with `@`")),
        Refusal("a: `x`", ("1:4", "start a value with ```")),
        Refusal("a: %x", ("1:4", "start a value with `%`")),
        Refusal("a: [1}", ("1:6", "go on with the `[` from 1:4")),
        Refusal("a: {b: [1, 2}", ("1:13", "go on with the `[` from 1:8")),
        Refusal("a: [1\nb: 2", ("2:2", "go on with the `[` from 1:4")),
        Refusal("a: {x: 1 y: 2}", ("1:11", "go on with the `{` from 1:4")),
        Refusal("a: [1,,2]", ("1:7", "cannot read a value here")),
        Refusal("a: ]", ("1:4", "cannot read a value here")),
        Refusal("a: \"\\q\"", ("1:5", "escape")),
        Refusal("a: \"\\uD800\"", ("1:7", "escape")),
        Refusal("a: |9x\n x", ("1:6", "header of this text block")),
    ])
    func `a mistake is explained where it is`(refusal: Refusal) {
        expect(refusal)
    }

    @Test(arguments: [
        Refusal("a: [1, 2", ("1:4", "close it with `]`")),
        Refusal("a: {b: 1\n\n", ("1:4", "close it with `}`")),
        Refusal("a: [[1], [", ("1:10", "close it with `]`")),
        Refusal("a: {b: 1,", ("1:4", "close it with `}`")),
        Refusal("a: \"b\nc: 1\n", ("1:4", "close it with `\"`")),
        Refusal("a: 'b", ("1:4", "close it with `'`")),
        Refusal("a: 1\nb", ("2:1", "a colon and a space after the key")),
    ])
    func `a text that ends too early points to what it leaves open`(refusal: Refusal) {
        expect(refusal)
    }

    @Test(arguments: [
        Refusal("a: \"x\\u0000y\"", ("1:4", "control character U+0000")),
        Refusal("a: [\"\\e[2J\"]", ("1:5", "control character U+001B")),
        Refusal("a: \"\\x7f\"\nb: \"\\N\"", ("1:4", "U+007F"), ("2:4", "U+0085")),
        Refusal("\"a\\0\": 1", ("1:1", "control character")),
        Refusal("ä: \u{1}", ("1:4", "control character U+0001")),
        Refusal("a: \u{0}", ("1:4", "control character U+0000")),
    ])
    func `a control character is refused, raw or through an escape`(refusal: Refusal) {
        expect(refusal)
    }

    @Test(arguments: [
        ([0x61, 0x3a, 0x20, 0xff], "1:4"), ([0x61, 0x0a, 0x62, 0xc3, 0x28], "2:3"),
        ([0xc3, 0xa9, 0x20, 0xc3], "1:3"), ([0xef, 0xbb, 0xbf, 0x61, 0xff], "1:2"),
        ([0x61, 0x0d, 0x0a, 0x0d, 0xff], "3:1"), ([0xe2, 0x80, 0xa8, 0xff], "2:1"), ([0xc0, 0x80], "1:1"),
        ([0xed, 0xa0, 0x80], "1:1"),
    ])
    func `bytes that are not UTF-8 are refused where they stand`(bytes: [UInt8], place: String) {
        let document = Document(parsing: bytes)
        #expect(document.root == nil)
        #expect(document.errors.map { "\($0.position.line):\($0.position.column)" } == [place])
        #expect(document.errors.allSatisfy { $0.message.hasSuffix("save the file as UTF-8") })
    }

    @Test(arguments: [
        ([0xff, 0xfe, 0x61, 0x00], "UTF-16"), ([0xfe, 0xff, 0x00, 0x61], "UTF-16"),
        ([0xff, 0xfe, 0x00, 0x00], "UTF-32"), ([0x00, 0x00, 0xfe, 0xff], "UTF-32"),
    ])
    func `another encoding is named`(bytes: [UInt8], name: String) {
        let document = Document(parsing: bytes)
        #expect(document.errors.map(\.message) == ["cannot read \(name) text: save the file as UTF-8"])
        #expect(document.errors.map(\.position) == [Position(line: 1, column: 1)])
    }

    private func expect(_ refusal: Refusal) {
        let document = Document(parsing: Array(refusal.text.utf8))
        #expect(document.errors.map { "\($0.position.line):\($0.position.column)" } == refusal.errors.map(\.place))
        for (error, expected) in zip(document.errors, refusal.errors) {
            #expect(error.message.contains(expected.fragment))
            #expect(error.message.hasPrefix("cannot "))
        }
    }
}
