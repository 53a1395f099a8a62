import StrategyWire
import Testing

@testable import Conformance

/// The rules alone, over transcripts made by hand.
@Suite struct RuleTests {
    private func at(_ step: UInt64) -> UInt64 { step << 20 }

    /// A stream of two instruments, behind its Ready.
    private var opened: [Transcript.Entry] {
        let setting = SessionSetting(session: "s")
        return [.sent(.configure(setting.configure)), .heard(.ready(PBReady(state: .after(0))))]
    }

    private func ticks(_ steps: UInt64..., previous: UInt64 = 0) -> Transcript.Entry {
        .sent(
            .events(
                PBEvents(
                    steps.map { step in
                        MadeEvent(
                            position: at(step), time: 0,
                            row: .tick(instrument: 0, price: 1, quantity: 1, side: 0))
                    }, after: at(previous))))
    }

    private func mark(_ step: UInt64) -> Transcript.Entry {
        .heard(.watermark(PBWatermark(position: at(step))))
    }

    private func results(_ steps: UInt64..., watermark: UInt64? = nil) -> Transcript.Entry {
        .heard(
            .results(
                PBResults(
                    results: steps.map { PBResult(position: at($0), action: .buy) },
                    watermark: watermark.map(at))))
    }

    private func faults(
        _ entries: [Transcript.Entry], _ rule: (SessionRules) -> [Fault]
    ) -> [String] { rule(SessionRules(Transcript(opened + entries))).map(\.description) }

    @Test func aSoundStreamBreaksNoRule() {
        let stream = [
            ticks(1, 2), results(1, 2, watermark: 2), ticks(3, previous: 2), results(3), mark(3),
            .sent(.drain(PBDrain())), .heard(.drained(PBDrained(position: at(3)))),
            .ended(code: "ok", text: ""),
        ]
        for rule in [
            { $0.watermarksNeverGoBack() }, { $0.watermarksStayBehindWhatWasSent() },
            { $0.everyMessageIsAnswered() }, { $0.resultsAreOfEventsSent() },
            { $0.resultsComeBeforeTheirWatermark() }, { $0.resultsRise() },
            { $0.indexesCountFromZero() }, { $0.instrumentsAreKnown() }, { $0.valuesAreInRange() },
            { $0.textsAreShort() }, { $0.noEventIsFlooded() }, { $0.nothingBehindDrained() },
            { $0.noReadyUnasked() }, { $0.onlyFailureAndLogBeforeReady() },
            { $0.failuresAreToldWell() },
        ] as [(SessionRules) -> [Fault]] {
            #expect(faults(stream, rule) == [])
        }
        #expect(Transcript(opened + stream).results.count == 3)
        #expect(Transcript(opened + stream).watermark == at(3))
    }

    @Test func watermarks() {
        #expect(
            faults([ticks(1, 2), mark(2), mark(1)]) { $0.watermarksNeverGoBack() }
                == ["watermark 1.0 after 2.0"])
        #expect(
            faults([ticks(1, 2), mark(3)]) { $0.watermarksStayBehindWhatWasSent() }
                == ["watermark 3.0, where the last event sent was 2.0"])
        #expect(
            faults([ticks(1, 2), ticks(3, previous: 2), mark(3)]) { $0.everyMessageIsAnswered() }
                == ["no watermark 2.0 for the message of 2 events that ends there"])
        // Ready may stand where nothing was sent on this stream.
        let resumed: [Transcript.Entry] = [
            .heard(.ready(PBReady(state: .after(at(7))))), mark(7),
        ]
        #expect(faults(resumed) { $0.watermarksStayBehindWhatWasSent() } == [])
    }

    @Test func results() {
        #expect(
            faults([ticks(1, 3), results(2)]) { $0.resultsAreOfEventsSent() }
                == ["a result for 2.0, which was not sent"])
        // Known only later is not sent.
        #expect(
            faults([results(1), ticks(1)]) { $0.resultsAreOfEventsSent() }.count == 1)
        #expect(
            faults([ticks(1, 2), results(1, watermark: 2), results(2)]) {
                $0.resultsComeBeforeTheirWatermark()
            } == ["a result for 2.0 behind the watermark 2.0"])
        #expect(
            faults([ticks(1, 2), results(2), results(1)]) { $0.resultsRise() }
                == ["a result for 1.0 after one for 2.0"])
        #expect(
            faults([ticks(1), results(1, 1)]) { $0.indexesCountFromZero() }
                == ["index 0 at 1.0 of instrument 0, where 1 was due"])
        var bad = PBResult(position: at(1), instrument: 9, action: .sell)
        bad.confidence = 1_000_001
        bad.reasons = [String(repeating: "x", count: 1_025)]
        let message = Transcript.Entry.heard(.results(PBResults(results: [bad])))
        #expect(
            faults([message]) { $0.instrumentsAreKnown() }
                == ["a result of instrument 9; the session has 0, 1"])
        #expect(
            faults([message]) { $0.valuesAreInRange() }
                == ["confidence is 1000001; it must be 0 to 1000000"])
    }

    @Test func orderOfMessages() {
        let early = Transcript([
            .sent(.configure(PBConfigure())), mark(0), .heard(.ready(PBReady())),
        ])
        #expect(
            SessionRules(early).onlyFailureAndLogBeforeReady().map(\.description)
                == ["Watermark came before Ready"])
        #expect(
            faults([.heard(.ready(PBReady()))]) { $0.noReadyUnasked() }
                == ["Ready number 2, where 1 were due"])
        #expect(
            faults([.sent(.warmUp(PBWarmUp(last: true))), .heard(.ready(PBReady()))]) {
                $0.noReadyUnasked()
            } == [])
        #expect(
            faults([.heard(.drained(PBDrained())), mark(1)]) { $0.nothingBehindDrained() }
                == ["Watermark came behind Drained"])
        #expect(faults([.damaged("odd")]) { $0.everyMessageIsKnown() } == ["odd"])
    }

    @Test func snapshots() {
        func part(_ number: UInt32, last: Bool = false, of position: UInt64 = 1) -> Transcript.Entry
        {
            .heard(
                .snapshot(
                    PBSnapshotPart(
                        position: at(position), format: "f/1", part: number, last: last, data: [1]))
            )
        }
        func rules(_ entries: [Transcript.Entry]) -> SnapshotRules {
            SnapshotRules(transcript: Transcript(entries))
        }
        let sound = rules([mark(1), part(0), part(1, last: true), part(0, last: true)])
        #expect(sound.partsFollow() == [] && sound.positionsAreClosed() == [])
        #expect(sound.wholes.map(\.count) == [2, 1])
        #expect(rules([part(0), part(2, last: true)]).partsFollow().count == 1)
        #expect(rules([part(0), mark(1), part(1, last: true)]).partsFollow().count == 2)
        #expect(rules([part(0), part(1, last: true, of: 2)]).partsFollow().count == 1)
        #expect(rules([part(0, last: true), mark(1)]).positionsAreClosed().count == 1)
    }

    @Test func parameters() {
        var length = PBParameter(name: "n", type: .integer, defaultValue: "5")
        #expect(ParameterRules.schema(length) == [])
        #expect(ParameterRules.beyond(length) == nil)
        (length.minimum, length.maximum) = ("1", "9")
        #expect(ParameterRules.beyond(length) == "0")
        #expect(!ParameterRules.allows("0", length) && ParameterRules.allows("9", length))
        #expect(!ParameterRules.allows("1.5", length) && !ParameterRules.allows("x", length))
        length.minimum = "10"
        #expect(ParameterRules.schema(length).count == 2)  // above the maximum, and the default
        let share = PBParameter(
            name: "s", type: .number, defaultValue: "0.5", minimum: "0", maximum: "1")
        #expect(ParameterRules.schema(share) == [])
        #expect(ParameterRules.beyond(share).map { ParameterRules.allows($0, share) } == false)
        #expect(!ParameterRules.allows("nan", share) && !ParameterRules.allows("0x1", share))
        let side = PBParameter(name: "c", type: .text, defaultValue: "a", choices: ["a", "b"])
        #expect(ParameterRules.beyond(side).map { ParameterRules.allows($0, side) } == false)
    }

    @Test func aDifferenceIsToldOnce() {
        let (one, two) = (PBResult(position: at(1)), PBResult(position: at(2)))
        #expect(SameResults.faults([one, two], [one, two], "again") == [])
        #expect(
            SameResults.faults([one], [one, two], "again").map(\.description)
                == ["1 result here and 2 again"])
        #expect(
            SameResults.faults([one, two], [two], "again").map(\.description)
                == ["results for 1.0 here and 2.0 again"])
    }
}
