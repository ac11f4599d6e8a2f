import ControlPlane
import Planning
import ServiceConfiguration
import Supervision
import Testing

/// The published schema says of every document what the program writes.
@Suite(.timeLimit(.minutes(1)))
struct PublishedSchemaTests {
    /// A snapshot in which every key has a value somewhere.
    private static var snapshot: Snapshot {
        var snapshot = Sample.snapshot
        snapshot.daemon.probation?.failure = "chrome@1 gave up"
        snapshot.daemon.loads = ["applied": 6, "called-off": 1]
        snapshot.loads.append(LoadRecord(at: "2026-11-28T08:59:57Z", cause: .signal, verdict: Sample.rejected))
        return snapshot
    }

    private static var documents: [(definition: String, value: any Encodable)] {
        let snapshots = [snapshot, Sample.calm, Snapshots.failed, Snapshots.draining, Snapshots.settling]
        let verdicts = [
            Sample.applied, Sample.planned, Sample.rejected, Sample.reverted, Sample.busy, Sample.calledOff,
            Sample.unchanged,
        ]
        return snapshots.map { ("Snapshot", $0) } + verdicts.map { ("VerdictDocument", $0) }
            + Sample.events.map { ("EventRecord", $0) }
            + [
                ("ConnectionList", Sample.connections), ("UpstreamList", UpstreamList(of: Sample.snapshot)),
                ("RotationDocument", Sample.rotations),
                ("Refusal", Refusal(.unknownName, "cannot find a service or group `ecco`: did you mean `echo`?")),
            ]
    }

    @Test func `every document has the keys of the schema and no others, and every key occurs`() throws {
        var schema = try PublishedSchema()
        for (definition, value) in Self.documents {
            schema.check(try JSONNode(JSONFormat.bytes(value)), as: definition)
        }
        #expect(schema.faults == [])
        #expect(Set(schema.properties.keys).subtracting(schema.met) == [])
    }

    @Test func `a key is required exactly when its value cannot be absent`() throws {
        let schema = try PublishedSchema()
        var shape = ValueShape()
        for document in Self.documents { shape.add(document.value) }
        for (name, keys) in shape.types {
            let definition = try #require(schema.definitions[name], "\(name)").members
            #expect(definition["required"]?.words == Set(keys.filter { !$0.value }.keys), "\(name)")
            #expect(definition["properties"].map { Set($0.members.keys) } == Set(keys.keys), "\(name)")
            #expect(definition["additionalProperties"] == .flag(false), "\(name)")
        }
        let objects = schema.definitions.filter { $0.value.members["properties"] != nil }
        #expect(Set(objects.keys) == Set(shape.types.keys))
    }

    private static let enumerations: [(name: String, words: [String])] = [
        ("DaemonStatus.State", DaemonStatus.State.allCases.map(\.rawValue)),
        ("LoadProgress.Phase", LoadProgress.Phase.allCases.map(\.rawValue)),
        ("LoadRecord.Cause", LoadRecord.Cause.allCases.map(\.rawValue)),
        ("ChildState", ChildState.allCases.map(\.rawValue)),
        ("ServiceStatus.Condition", ServiceStatus.Condition.allCases.map(\.rawValue)),
        ("Strategy", Strategy.allCases.map(\.rawValue)),
        ("PoolAllocation", PoolSettings.Allocation.allCases.map(\.rawValue)),
        ("PoolStatus.Member.State", PoolStatus.Member.State.allCases.map(\.rawValue)),
        ("EventRecord.Kind", EventRecord.Kind.allCases.map(\.rawValue)),
        ("Verdict.Outcome", Verdict.Outcome.allCases.map(\.rawValue)),
        ("LoadError.Kind", LoadError.Kind.allCases.map(\.rawValue)),
        ("PlanStep", PlanStep.allCases.map(\.rawValue)),
        ("RotationDocument.Entry.Outcome", RotationDocument.Entry.Outcome.allCases.map(\.rawValue)),
        ("Refusal.Kind", Refusal.Kind.allCases.map(\.rawValue)),
    ]

    @Test(arguments: enumerations)
    func `the schema knows every word of an enumeration`(name: String, words: [String]) throws {
        #expect(try PublishedSchema().words(of: name) == words)
    }

    @Test func `everything is described, and each definition is named somewhere`() throws {
        let schema = try PublishedSchema()
        for (name, definition) in schema.definitions {
            #expect(definition.members["description"]?.text?.isEmpty == false, "\(name)")
        }
        for (name, property) in schema.properties {
            #expect(property.members["description"]?.text?.isEmpty == false, "\(name)")
        }
        // Whoever reads the top finds the document of every path.
        let top = try #require(schema.root.members["description"]?.text)
        for name in Set(Self.documents.map(\.definition)) { #expect(top.contains(name), "\(name)") }
    }
}
