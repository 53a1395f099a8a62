import GRPCTransport
import Platform
import StrategyWire

/// One stream of a session, driven by a check. Everything that passes is written down.
///
/// What is waited for has an end: a server that says nothing is an ``Obstacle``, not a hang.
/// Nothing is sent twice; a check that connects again says so. One task at a time may wait.
final class Trial: Sendable {
    let setting: SessionSetting
    private let stream: ClientStream
    private let clock: any TimeSource
    private let patience: Duration
    private let startPatience: Duration
    private let record = Locked(Transcript())
    private let news = AsyncSignal()

    /// - Parameters:
    ///   - patience: For every single answer, unless said otherwise.
    ///   - startPatience: For a Ready.
    init(
        _ setting: SessionSetting, on stream: ClientStream, clock: any TimeSource,
        patience: Duration, startPatience: Duration
    ) {
        self.setting = setting
        self.stream = stream
        self.clock = clock
        self.patience = patience
        self.startPatience = startPatience
        Task { await listen() }
    }

    var transcript: Transcript { record.withLock { $0 } }

    private func note(_ entry: Transcript.Entry) {
        let now = clock.monotonic()
        record.withLock { $0.append(entry, at: now) }
        news.set()
    }

    private func listen() async {
        do {
            while let message = try await stream.next() { hear(message.copyBytes()) }
            note(.ended(code: "\(RPCStatus.Code.ok)", text: ""))
        } catch {
            note(.ended(code: "\(error.code)", text: error.status.message))
        }
    }

    private func hear(_ bytes: [UInt8]) {
        do {
            guard let message = try PBServerMessage(decoding: bytes).message else {
                return note(.damaged("a message of a kind that the contract does not know"))
            }
            note(.heard(message))
        } catch {
            note(.damaged("\(error)"))
        }
    }

    // MARK: Sending

    /// Into a stream that has ended nothing is sent: the end is in the transcript.
    func send(_ message: PBHostMessage.Message) async {
        note(.sent(message))
        try? await stream.send(PBHostMessage(message: message).encoded())
    }

    /// Bytes as they are, known to no rule.
    func send(raw bytes: [UInt8]) async { try? await stream.send(bytes) }

    func configure() async {
        await send(.configure(setting.configure))
        for part in setting.snapshot { await send(.snapshot(part)) }
    }

    /// Ends the host's side without a word.
    func finishSending() { stream.finishSending() }

    /// As a lost connection would.
    func cut() async {
        stream.cancel()
        _ = await stream.end()
    }

    // MARK: Waiting

    /// - Parameters:
    ///   - sent: What was done, for people.
    ///   - what: What must come, for people.
    /// - Throws: ``Obstacle`` when it does not come in time, or the call ends instead.
    @discardableResult
    func wait<Answer: Sendable>(
        for what: String, sent: String, within limit: Duration? = nil,
        _ find: (Transcript) -> Answer?
    ) async throws -> Answer {
        let limit = limit ?? patience
        // Read before the timer begins: it rings once, and must not ring before the last moment.
        let last = clock.monotonic() + nanoseconds(limit)
        let timer = Task { [news] in
            try await Task.sleep(for: limit)
            news.set()
        }
        defer { timer.cancel() }
        while true {
            if let answer = try look(for: what, sent: sent, find) { return answer }
            try Task.checkCancellation()
            if clock.monotonic() >= last {
                throw Obstacle(sent: sent, came: "no \(what) in \(seconds(limit))")
            }
            await news.wait()
        }
    }

    /// Looks once. Nothing of the record is held behind it, or each entry would copy all before it.
    private func look<Answer>(
        for what: String, sent: String, _ find: (Transcript) -> Answer?
    ) throws -> Answer? {
        let now = transcript
        if let answer = find(now) { return answer }
        if let end = now.end {
            throw Obstacle(sent: sent, came: "no \(what); the call ended with \(words(end))")
        }
        if case .damaged(let why)? = now.entries.last?.entry {
            throw Obstacle(
                sent: sent, came: "no \(what), but bytes that are no message: \(why)")
        }
        return nil
    }

    /// The call's end: its code as gRPC writes it, and its words.
    func end(sent: String, within limit: Duration? = nil) async throws -> (
        code: String, text: String
    ) {
        try await wait(for: "end of the call", sent: sent, within: limit) { transcript in
            transcript.end.map { ($0.code, $0.text) }
        }
    }

    /// The first Ready behind `count` others.
    @discardableResult
    func ready(after count: Int = 0, sent: String = "Configure") async throws -> PBReady {
        try await wait(for: "Ready", sent: sent, within: startPatience) {
            $0.readies.count > count ? $0.readies[count] : nil
        }
    }

    /// A watermark of `position` at least.
    func closed(_ position: UInt64, sent: String) async throws {
        try await wait(for: "watermark \(words(position))", sent: sent) {
            ($0.watermark ?? 0) >= position ? true : nil
        }
    }
}

/// `FAILED_PRECONDITION: text`
func words(_ end: (code: String, text: String)) -> String {
    end.text.isEmpty ? statusName(end.code) : "\(statusName(end.code)): \(end.text)"
}

/// `failedPrecondition` as everybody writes it: `FAILED_PRECONDITION`.
func statusName(_ code: String) -> String {
    code.reduce(into: "") { name, letter in
        if letter.isUppercase { name += "_" }
        name += letter.uppercased()
    }
}

func seconds(_ span: Duration) -> String {
    let milliseconds = nanoseconds(span) / 1_000_000
    return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
}

func nanoseconds(_ span: Duration) -> Int64 {
    let (seconds, attoseconds) = span.components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
}
