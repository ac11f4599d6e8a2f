import Planning
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GroupPlanTests {
    private static func group(_ name: String, _ children: String...) -> GroupSettings {
        GroupSettings(name: name, at: SourcePosition(file: "f", line: 1, column: 1), children: children)
    }

    private static func plan(from old: [GroupSettings], to new: [GroupSettings]) -> Plan {
        var running = Configuration()
        running.groups = old
        var desired = Configuration()
        desired.groups = new
        return Plan(from: running, to: desired)
    }

    @Test func `an equal group changes nothing, wherever its lines stand`() {
        var moved = Self.group("g", "a")
        moved.position.position.line = 9
        #expect(Self.plan(from: [Self.group("g", "a")], to: [moved]).isUnchanged)
    }

    @Test func `groups come and go`() {
        let plan = Self.plan(from: [Self.group("old", "a")], to: [Self.group("new", "a")])
        #expect(plan.settings == ["groups.new", "groups.old"])
        #expect(!plan.isUnchanged)
    }

    @Test func `each changed key is named once for all instances`() {
        let old = [Self.group("g@0", "a@0"), Self.group("g@1", "a@1")]
        var new = [Self.group("g@0", "a@0", "b@0"), Self.group("g@1", "a@1", "b@1")]
        for index in new.indices {
            new[index].strategy = .restForOne
            new[index].intensity = 1
            new[index].period = .seconds(1)
        }
        #expect(
            Self.plan(from: old, to: new).settings
                == ["groups.g.strategy", "groups.g.children", "groups.g.intensity", "groups.g.period"]
        )
    }

    @Test func `another order or number of children is a change`() {
        #expect(
            Self.plan(from: [Self.group("g", "a", "b")], to: [Self.group("g", "b", "a")]).settings
                == ["groups.g.children"]
        )
        let more = [Self.group("g@0", "a@0"), Self.group("g@1", "a@1")]
        #expect(Self.plan(from: Array(more.prefix(1)), to: more).settings == ["groups.g.children"])
    }
}
