import NIOCore

/// The relay itself: both ends, on their one event loop.
final class RelayLink {
    private var client: RelayEnd
    private var upstream: RelayEnd
    private let connection: Connection
    private let limits: RelayLimits
    private let eventLoop: any EventLoop
    private let ended: EventLoopPromise<Relay.Cause>
    private var cause: Relay.Cause?
    private var lastByte = NIODeadline.now()
    /// Who sent it; nil: nobody has sent one.
    private var lastSender: RelaySide?
    /// When the relay is cut, and the silence after which it closes before.
    private var retirement: (deadline: NIODeadline, quiet: TimeAmount)?
    private var timer: Scheduled<Void>?
    private var isOver = false

    init(client: RelayEnd, upstream: RelayEnd, connection: Connection, limits: RelayLimits) {
        precondition(
            client.channel.eventLoop === upstream.channel.eventLoop,
            "a relay joins channels of one event loop"
        )
        self.client = client
        self.upstream = upstream
        self.connection = connection
        self.limits = limits
        eventLoop = client.channel.eventLoop
        ended = eventLoop.makePromise()
    }

    func start(fromClient: EarlyInput, fromUpstream: EarlyInput) -> EventLoopFuture<Relay.Cause> {
        take(fromClient, on: .client)
        take(fromUpstream, on: .upstream)
        for side in [RelaySide.client, .upstream] where !self[side].channel.isActive { becameInactive(on: side) }
        scheduleTimer()
        readIfPossible(on: .client)
        readIfPossible(on: .upstream)
        return ended.futureResult
    }

    // MARK: - Events

    func received(_ bytes: ByteBuffer, on side: RelaySide) {
        guard !self[side.other].isGone else { return }
        let count = bytes.readableBytes
        lastSender = side
        switch side {
        case .client: connection.count(received: count)
        case .upstream: connection.count(sent: count)
        }
        self[side.other].accepted += count
        // A failed write closes the channel, which `becameInactive` sees; a promise for each would only repeat it.
        self[side.other].channel.write(bytes, promise: nil)
    }

    func readCompleted(on side: RelaySide) {
        if !self[side.other].isGone {
            lastByte = .now()
            self[side.other].channel.flush()
        }
        readIfPossible(on: side)
    }

    func writabilityChanged(on side: RelaySide) {
        guard self[side].channel.isWritable, self[side.other].isHeld else { return }
        readIfPossible(on: side.other)
    }

    func finished(on side: RelaySide) {
        guard !self[side].isInputFinished else { return }
        self[side].isInputFinished = true
        end(side == .client ? .clientFinished : .upstreamFinished)
        lastByte = .now()
        scheduleTimer()
        if self[side.other].isInputFinished {
            closeWhenWritten(side)
            closeWhenWritten(side.other)
        } else {
            finishOutput(of: side.other)
        }
    }

    func outputClosed(on side: RelaySide) {
        self[side].isOutputFinished = true
    }

    /// Something has failed on the channel.
    ///
    /// What the kernel reports is a reset, which destroys what is under way. Anything else is TLS that ends or breaks:
    /// what came before it is good, and the other side gets all of it before its reset.
    func failed(on side: RelaySide, by error: any Error) {
        guard !self[side].isClosing else { return }
        if error is IOError { abort(.reset) } else { truncate(side) }
    }

    /// The channel has closed: as it should, or cut by its peer.
    ///
    /// Once our output is shut down, NIO closes instead of telling the end of the input. A unix peer that has closed
    /// cuts nothing: everything that it sent has come.
    func becameInactive(on side: RelaySide) {
        self[side].isClosed = true
        defer { if client.isClosed, upstream.isClosed { bothClosed() } }
        guard !self[side].isClosing else { return }
        self[side].isClosing = true
        if self[side].isOutputFinished {
            finished(on: side)
        } else if self[side].isUnix, self[side].isInputFinished, !connection.isForced {
            leave(side)
        } else {
            abort(connection.isForced ? .forced : .reset)
        }
    }

    /// A relay that is retired twice keeps the time that it has.
    func retire(_ retirement: RelayRetirement) {
        guard !client.isClosing || !upstream.isClosing else { return }
        switch retirement {
        case .none:
            self.retirement = nil
        case .drain(let time):
            if self.retirement == nil {
                self.retirement = (.now() + time, .nanoseconds(time.nanoseconds / RelayRetirement.quietPart))
            }
            checkLimits()
        case .cut:
            abort(.cut)
        }
    }

    // MARK: - Actions

    private func readIfPossible(on side: RelaySide) {
        guard !self[side].isInputFinished, !self[side].isClosing else { return }
        self[side].isHeld = !self[side.other].isGone && !self[side.other].channel.isWritable
        if !self[side].isHeld { self[side].channel.read() }
    }

    /// Goes on without a peer that has left: the other side gets what is under way and its end, and may finish.
    ///
    /// What it still sends is read and dropped, within the limit of a half-closed relay: a reset would destroy what it
    /// has not read yet.
    private func leave(_ side: RelaySide) {
        self[side].isGone = true
        if self[side.other].isHeld { readIfPossible(on: side.other) }
    }

    private func take(_ input: EarlyInput, on side: RelaySide) {
        if let bytes = input.bytes, bytes.readableBytes > 0 {
            received(bytes, on: side)
            self[side.other].channel.flush()
        }
        if input.isFinished { finished(on: side) }
    }

    private func finishOutput(of side: RelaySide) {
        guard !self[side].isOutputFinishing, !self[side].isClosing else { return }
        self[side].isOutputFinishing = true
        let link = NIOLoopBound(self, eventLoop: eventLoop)
        self[side].channel.close(mode: .output).whenFailure { link.value.failed(on: side, by: $0) }
    }

    /// Closes a channel of which both directions have ended.
    ///
    /// NIO would drop what waits to be written if it were told to close now.
    private func closeWhenWritten(_ side: RelaySide) {
        guard !self[side].isClosing else { return }
        self[side].isClosing = true
        let channel = self[side].channel
        // What was written and not flushed TLS still has, uncounted.
        channel.flush()
        guard channel.bufferedBytes > 0 else { return channel.close(promise: nil) }
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }

    private func closeBoth(_ cause: Relay.Cause) {
        end(cause)
        client.isClosing = true
        upstream.isClosing = true
        client.channel.close(promise: nil)
        upstream.channel.close(promise: nil)
    }

    /// Cuts both: what is missing must not look like an end.
    private func abort(_ cause: Relay.Cause) {
        end(cause)
        client.isClosing = true
        upstream.isClosing = true
        client.channel.reset()
        upstream.channel.reset()
    }

    /// How often the kernel is asked whether a peer has what was sent before its reset.
    private static let look = TimeAmount.milliseconds(50)

    /// Ends one side at once, and the other one with a reset when it has everything.
    private func truncate(_ side: RelaySide) {
        end(.reset)
        self[side].isClosing = true
        self[side].channel.reset()
        guard !self[side.other].isClosing else { return }
        self[side.other].isClosing = true
        let other = self[side.other].channel
        other.flush()
        resetWhenSent(other, left: .max, since: .now())
    }

    /// A reset takes what the kernel still holds with it; a peer that takes nothing for the time of a stall has had it.
    private func resetWhenSent(_ channel: any Channel, left last: Int, since progress: NIODeadline) {
        guard channel.isActive else { return }
        let (left, now) = (channel.unsentBytes, NIODeadline.now())
        let since = left < last ? now : progress
        let isStalled = limits.writeStall.map { now >= since + $0 } ?? false
        guard left > 0, !isStalled else { return channel.reset() }
        eventLoop.assumeIsolated().scheduleTask(in: Self.look) { self.resetWhenSent(channel, left: left, since: since) }
    }

    /// Told by the handlers and not by the close futures: whoever waits for those finds the balance complete.
    private func bothClosed() {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        timer = nil
        let cause = connection.isForced ? .forced : cause ?? .reset
        connection.end(cause.rawValue)
        ended.succeed(cause)
    }

    /// The first end of a stream is the cause, unless something worse cuts the relay later.
    private func end(_ cause: Relay.Cause) {
        switch cause {
        case .clientFinished, .upstreamFinished: if self.cause == nil { self.cause = cause }
        case .idle, .halfCloseExpired, .writeStall, .reset, .drained, .cut, .forced: self.cause = cause
        }
    }

    // MARK: - Limits in time

    /// One timer for all limits: it looks at the facts when it fires and is set again, so a byte costs no scheduling.
    private func scheduleTimer() {
        timer?.cancel()
        timer = nil
        guard let next = nextDeadline else { return }
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.checkLimits() }
    }

    /// Also true when both sides have finished and the last bytes are not written yet.
    private var isHalfClosed: Bool { client.isInputFinished || upstream.isInputFinished }

    private var nextDeadline: NIODeadline? {
        var deadlines: [NIODeadline] = []
        if let idle = limits.idle { deadlines.append(lastByte + idle) }
        if let halfClose = limits.halfClose, isHalfClosed { deadlines.append(lastByte + halfClose) }
        // A stall is seen by comparing two looks at the same channel; four looks in the time keep it exact to a
        // quarter.
        if let stall = limits.writeStall { deadlines.append(.now() + .nanoseconds(max(stall.nanoseconds / 4, 1))) }
        if let retirement {
            let (now, quiet) = (NIODeadline.now(), lastByte + retirement.quiet)
            // Not quiet yet: another look after the same time, which a retired relay does not do often.
            deadlines += [retirement.deadline, now < quiet ? quiet : now + retirement.quiet]
        }
        return deadlines.min()
    }

    private func checkLimits() {
        let now = NIODeadline.now()
        for side in [RelaySide.client, .upstream] where isStalled(side, at: now) { return abort(.writeStall) }
        if let halfClose = limits.halfClose, isHalfClosed, now >= lastByte + halfClose {
            return closeBoth(.halfCloseExpired)
        }
        if let idle = limits.idle, now >= lastByte + idle { return closeBoth(.idle) }
        if let retirement {
            if now >= retirement.deadline { return abort(.cut) }
            if isAnswered, now >= lastByte + retirement.quiet { return closeBoth(.drained) }
        }
        scheduleTimer()
    }

    /// Nobody seems to wait for anything: the last word was the upstream's, and all of it has been written.
    private var isAnswered: Bool {
        !isHalfClosed && lastSender != .client && client.channel.bufferedBytes == 0
            && upstream.channel.bufferedBytes == 0
    }

    private func isStalled(_ side: RelaySide, at now: NIODeadline) -> Bool {
        guard let limit = limits.writeStall else { return false }
        let waiting = self[side].channel.bufferedBytes
        let written = self[side].accepted - waiting
        // Not only different: what waits is longer than what was accepted where TLS wraps it, so this can fall.
        if waiting == 0 || written > self[side].written {
            self[side].written = written
            self[side].writtenSince = now
            return false
        }
        self[side].written = written
        return now >= self[side].writtenSince + limit
    }

    private subscript(side: RelaySide) -> RelayEnd {
        get {
            switch side {
            case .client: client
            case .upstream: upstream
            }
        }
        set {
            switch side {
            case .client: client = newValue
            case .upstream: upstream = newValue
            }
        }
    }
}
