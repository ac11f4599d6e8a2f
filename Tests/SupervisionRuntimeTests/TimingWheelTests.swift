import Testing

@testable import SupervisionRuntime

@Suite(.timeLimit(.minutes(1)))
struct TimingWheelTests {
    private func due(_ wheel: inout TimingWheel<Int>, _ tick: UInt64) -> [Int] {
        var due: [Int] = []
        wheel.advance(to: tick, into: &due)
        return due
    }

    @Test(arguments: [1, 63, 64, 65, 4_095, 4_096, 4_097, 262_144, 20_000_000, 1 << 35] as [UInt64])
    func `a timer is due in its tick, not before and not after`(distance: UInt64) {
        for start in [0, 1, 63, 64, 100_000_007] as [UInt64] {
            var wheel = TimingWheel<Int>(now: start)
            _ = wheel.insert(7, due: start + distance)
            #expect(due(&wheel, start + distance - 1).isEmpty)
            #expect(due(&wheel, start + distance) == [7])
            #expect(wheel.nextStep == nil)
        }
    }

    @Test func `a timer farther away than all wheels is due in its tick`() {
        var wheel = TimingWheel<Int>(now: 5)
        let far: UInt64 = 5 + 3 << 36
        _ = wheel.insert(1, due: far)
        #expect(due(&wheel, far - 1).isEmpty)
        #expect(due(&wheel, far) == [1])
    }

    @Test func `a removed timer is never due, and its ticket is worth nothing for the next one`() {
        var wheel = TimingWheel<Int>(now: 0)
        let ticket = wheel.insert(1, due: 10)
        #expect(wheel.remove(ticket) == 1)
        let next = wheel.insert(2, due: 10)
        #expect(wheel.remove(ticket) == nil)
        #expect(TimingWheel<Int>.Ticket(number: next.number) == next)
        #expect(due(&wheel, 10) == [2])
    }

    @Test func `a hundred thousand timers in any order agree with a sorted list`() {
        var generator = SystemRandomNumberGenerator()
        var wheel = TimingWheel<Int>(now: 0)
        var model: [(due: UInt64, ticket: TimingWheel<Int>.Ticket)?] = []
        var now: UInt64 = 0
        for step in 0..<100_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let when = now + UInt64.random(in: 1...(1 << UInt64.random(in: 1...20)), using: &generator)
                model.append((when, wheel.insert(model.count, due: when)))
            case 6 where !model.isEmpty:
                let index = Int.random(in: 0..<model.count, using: &generator)
                let element = model[index].flatMap { wheel.remove($0.ticket) }
                #expect(element == (model[index] == nil ? nil : index))
                model[index] = nil
            default:
                now += UInt64.random(in: 1...64, using: &generator)
                for index in due(&wheel, now) {
                    #expect(model[index].map { $0.due <= now } == true, "step \(step)")
                    model[index] = nil
                }
            }
        }
        let last = now + 1 << 21
        #expect(due(&wheel, last).count == model.count { $0 != nil })
        #expect(wheel.count == 0)
    }
}
