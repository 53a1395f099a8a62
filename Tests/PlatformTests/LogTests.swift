import Testing

@testable import Platform

@Suite struct LogTests {
    /// Gathers what a log writes.
    final class Sink: Sendable {
        private let bytes = Locked<[UInt8]>([])
        @Sendable func take(_ more: [UInt8]) { bytes.withLock { $0 += more } }
        var lines: [String] {
            bytes.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map(
                String.init)
        }
    }

    private func log(_ form: Log.Form, _ sink: Sink) -> Log {
        let clock = ManualClock(utc: 1_763_634_667_123_456_789)
        return Log(form: form, clock: clock, write: sink.take)
    }

    @Test func jsonLinesHoldTheFields() {
        let sink = Sink()
        let log = log(.json, sink)
        Logger("feeds", to: log).with(["run": "r1"]).warning(
            "a \"quoted\"\nline",
            ["rows": 12, "isGood": false, "token": .secret(Secret("hunter2"))])
        log.close()
        #expect(
            sink.lines == [
                #"{"time":"2025-11-20T10:31:07.123456Z","level":"warning","label":"feeds","#
                    + #""message":"a \"quoted\"\nline","run":"r1","rows":12,"isGood":false,"#
                    + #""token":"********"}"#
            ])
    }

    @Test func plainLinesReadWell() {
        let sink = Sink()
        let log = log(.plain, sink)
        let logger = Logger("host", to: log, minimum: .warning)
        logger.info("not this one")
        logger.error("no answer", ["server": "model one", "seconds": 3])
        log.close()
        #expect(
            sink.lines == [#"10:31:07.123 ERROR host: no answer  server="model one"  seconds=3"#])
    }

    @Test func belowTheMinimumNothingIsComputed() {
        let log = log(.plain, Sink())
        func costly() -> String {
            Issue.record("it was computed")
            return ""
        }
        Logger("a", to: log, minimum: .error).debug(costly())
        log.close()
    }

    /// A device that stands still holds nobody up; what was lost is told.
    @Test func aSlowDeviceDropsAndCounts() {
        let sink = Sink()
        let gate = Doorbell()
        let isOpen = Locked(false)
        let log = Log(form: .plain, clock: ManualClock(), capacity: 4) { bytes in
            if !isOpen.withLock({ $0 }) { _ = gate.wait() }
            sink.take(bytes)
        }
        let logger = Logger("a", to: log)
        for number in 0..<1_000 { logger.info("line \(number)") }
        isOpen.withLock { $0 = true }
        gate.ring()
        while !sink.lines.contains(where: { $0.contains("lines were dropped") }) {
            logger.info("and on")
        }
        log.close()
        #expect(sink.lines.first?.hasSuffix("line 0") == true)
    }

    @Test func severalThreadsLoseNothing() {
        let sink = Sink()
        let log = Log(form: .plain, clock: ManualClock(), capacity: 100_000, write: sink.take)
        let threads = (0..<4).map { number in
            HostThread.start(named: "t\(number)") {
                let logger = Logger("t\(number)", to: log)
                for line in 0..<500 { logger.info("\(line)") }
            }
        }
        threads.forEach { $0.join() }
        log.close()
        #expect(sink.lines.count == 2_000)
    }
}

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1_000, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_763_634_667_123_456_789, "2025-11-20T10:31:07.123456Z"),
            (Int64.max, "2262-04-11T23:47:16.854775Z"), (Int64.min, "1677-09-21T00:12:43.145224Z"),
        ] as [(Int64, String)])
    func instantsAreWritten(_ utc: Int64, _ text: String) { #expect(timeText(utc: utc) == text) }

    @Test func decimalsAreCut() {
        #expect(timeText(utc: 999_999_999, digits: 0) == "1970-01-01T00:00:00Z")
        #expect(timeText(utc: 999_999_999, digits: 3) == "1970-01-01T00:00:00.999Z")
    }
}
