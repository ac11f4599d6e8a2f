import Processes
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProcessMailboxTests {
    @Test
    func `messages arrive in order, and what is said again before it was heard counts once`() async {
        let mailbox = ProcessMailbox()
        for _ in 0..<1_000 { mailbox.send(.watchdogPing) }
        mailbox.send(.probed(1, .good))
        mailbox.send(.notifiedReady)
        mailbox.send(.watchdogPing)
        mailbox.send(.exited(.code(0)))
        let inputs = await mailbox.receive()
        #expect(inputs == [.watchdogPing, .probed(1, .good), .notifiedReady, .exited(.code(0))])
        mailbox.send(.watchdogPing)
        #expect(await mailbox.receive() == [.watchdogPing])
    }

    @Test
    func `a cancelled receiver hears of it once, and of everything after it`() async {
        let mailbox = ProcessMailbox()
        let isWaiting = Gate()
        let heard = await withTaskGroup(of: [ProcessInput].self) { group in
            group.addTask {
                isWaiting.open()
                let first = await mailbox.receive()
                mailbox.send(.exited(.signal(9, dumpedCore: false)))
                return await first + mailbox.receive()
            }
            await isWaiting.pass()
            group.cancelAll()
            return await group.next()
        }
        #expect(heard == [.forced, .exited(.signal(9, dumpedCore: false))])
    }
}
