import Testing

@testable import ServiceConfiguration

@Suite(.timeLimit(.minutes(1)))
struct NamePatternTests {
    private func matches(_ pattern: String, _ names: [String]) throws -> [String] {
        let pattern = try NamePattern(parsing: pattern[...])
        return names.filter(pattern.matches)
    }

    @Test(arguments: [
        ("*.yaml", ["a.yaml", "ab.yaml"], ["a.yml", "a.yaml~", "a.yaml.new", "yaml", ".a.yaml", ".yaml"]),
        ("*", ["a", "a.b", ""], [".a"]),
        (".*", [".a", "."], ["a"]),
        ("[.]*", [], [".a", "a"]),
        ("?.yaml", ["a.yaml", "ä.yaml"], ["ab.yaml", ".yaml", "?.yml"]),
        ("[a-c1]*", ["a", "b9", "1"], ["d", "2", ""]),
        ("[!a-c]*", ["d", "-"], ["a", "b"]),
        ("[^a]b", ["bb"], ["ab"]),
        ("[]x]", ["]", "x"], ["y"]),
        ("[!]x]", ["y"], ["]", "x"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[[]*", ["[", "[a"], ["a"]),
        ("a*b*c", ["abc", "axbxbc", "abcbc"], ["ab", "acb", "abcx"]),
        ("*a*", ["a", "xax"], ["x"]),
        ("a.b", ["a.b"], ["axb"]),
        ("[*]?", ["*a"], ["a*", "*"]),
    ])
    func `a pattern matches whole names, and hidden ones only when it says so`(
        pattern: String,
        matching: [String],
        others: [String]
    ) throws {
        #expect(try matches(pattern, matching + others) == matching)
    }

    @Test(arguments: ["[", "[a", "a[]", "[!]", "[b-a]", "**", "a**b"])
    func `a pattern that nobody can mean is refused`(pattern: String) {
        #expect(throws: NamePattern.Problem.self) { try NamePattern(parsing: pattern[...]) }
    }

    @Test
    func `a pattern of many wildcards does not try every way`() throws {
        let pattern = String(repeating: "*a", count: 500) + "b"
        #expect(try matches(pattern, [String(repeating: "a", count: 4000)]) == [])
    }
}
