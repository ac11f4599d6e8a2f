import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GroupTests {
    private func lines(_ text: String) throws -> [String] {
        try Reading.configuration(text).groups.map { group in
            "\(group.name): \(group.strategy.rawValue) \(group.children.joined(separator: " "))"
        }
    }

    @Test
    func `a group comes after the groups that it contains`() throws {
        let text = """
            services:
              a: {type: echo, listen: 127.0.0.1:1}
              b: {type: echo, listen: 127.0.0.1:2}
              c: {type: echo, listen: 127.0.0.1:3}
            groups:
              outer: {children: [c, inner], strategy: rest-for-one, intensity: 0, period: 1h}
              inner: {children: [b, a], strategy: one-for-all}
            """
        #expect(try lines(text) == ["inner: one-for-all b a", "outer: rest-for-one c inner"])
        let outer = try #require(try Reading.configuration(text).groups.last)
        #expect(outer.intensity == 0)
        #expect(outer.period == .seconds(3600))
        #expect(outer.position.position == SourcePosition(file: "etc/services.yaml", line: 6, column: 3))
    }

    @Test
    func `a group of instanced services exists once for each instance`() throws {
        let text = """
            services:
              bridge: {type: echo, listen: "127.0.0.1:${1 + instance}", instances: 3}
              chrome: {type: process, command: [x], instances: 3}
            groups:
              browser: {strategy: one-for-all, children: [bridge, chrome]}
              fleet: {children: [browser]}
            """
        #expect(
            try lines(text) == [
                "browser@0: one-for-all bridge@0 chrome@0", "browser@1: one-for-all bridge@1 chrome@1",
                "browser@2: one-for-all bridge@2 chrome@2", "fleet@0: one-for-one browser@0",
                "fleet@1: one-for-one browser@1", "fleet@2: one-for-one browser@2",
            ]
        )
        #expect(try lines(text.replacing("instances: 3", with: "instances: 1")).count == 2)
    }

    @Test
    func `children that are not enabled are left out, and a group of nothing else too`() throws {
        let text = """
            services:
              a: {type: echo, listen: 127.0.0.1:1}
              off: {type: echo, listen: 127.0.0.1:2, enabled: false, instances: 2}
              gone: {type: echo, listen: 127.0.0.1:3, enabled: false}
            groups:
              one: {children: [off, a, two]}
              two: {children: [gone]}
            """
        #expect(try lines(text) == ["one: one-for-one a"])
    }

    @Test(arguments: [
        ("", ", instances: 2", "`a` without instances and `b` with 2 instances"),
        (", instances: 1", "", "`a` with 1 instance and `b` without instances"),
    ])
    func `a group has one number of instances`(first: String, second: String, pair: String) {
        let text = """
            services:
              a: {type: process, command: [x]\(first)}
              b: {type: process, command: [x]\(second)}
            groups: {g: {children: [a, b]}}
            """
        #expect(
            Reading.diagnostics(text) == [
                "4:28: cannot group \(pair): give all children of `g` the same `instances`"
            ]
        )
        #expect(Reading.diagnostics(text.replacing("[a, b]", with: "[a]")).isEmpty)
    }

    @Test
    func `a number of instances that was reported is not held against a group`() {
        let text = """
            services:
              a: {type: process, command: [x], instance: 3}
              b: {type: process, command: [x], instances: 3}
            groups: {g: {children: [a, b]}}
            """
        #expect(Reading.diagnostics(text).count == 1)
    }

    private func nested(_ depth: Int, instances: Int) -> String {
        var text = "services: {s: {type: process, command: [x], instances: \(instances)}}\ngroups:\n"
        for level in 1...depth { text += "  g\(level): {children: [\(level == 1 ? "s" : "g\(level - 1)")]}\n" }
        return text
    }

    @Test
    func `groups are nested sixteen levels deep at most`() throws {
        #expect(try Reading.configuration(nested(16, instances: 1)).groups.count == 16)
        #expect(
            Reading.diagnostics(nested(5000, instances: 1)) == [
                "19:3: cannot nest groups over 16 levels deep: put the children into fewer groups"
            ]
        )
    }

    @Test
    func `a few lines cannot ask for millions of groups`() throws {
        #expect(try Reading.configuration(nested(1, instances: 10_000)).groups.count == 10_000)
        #expect(
            Reading.diagnostics(nested(2, instances: 10_000)) == [
                "4:3: cannot run over 10000 instances of groups: remove some, or run fewer instances"
            ]
        )
    }

    @Test
    func `a requirement may leave its group`() throws {
        let text = """
            services:
              a: {type: process, command: [x], requires: b}
              b: {type: process, command: [x]}
            groups: {g: {children: [a]}, h: {children: [b]}}
            """
        #expect(try Reading.configuration(text).services.map(\.name) == ["b", "a"])
    }
}
