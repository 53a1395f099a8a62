import Foundation
import StrategyWire
import TestKit
import Testing

@testable import Conformance

/// Servers that pry are found for what they look at, at the event from which on they do.
@Suite(.needsPython, .serialized, .timeLimit(.minutes(10))) struct LookaheadServerTests {
    /// 400 ticks of two instruments: in a run's replay ten in a message.
    private static let recording = Recording(
        Material(inputs: [PBInput(kind: .ticks)], readsAccount: false, rounds: 50).events)

    /// Where Debian has it; without it the server that looks at the date is not found.
    private static let clockLibrary = ["x86_64", "aarch64"]
        .map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1" }
        .first { FileManager.default.fileExists(atPath: $0) }

    private func answers(
        _ arguments: [String], _ recording: Recording = recording,
        pauses: Duration = .milliseconds(50), patience: Duration = .seconds(5)
    ) async throws -> [LookaheadQuestion: LookaheadAnswer.Verdict] {
        let command = try Python.command("Tests/ConformanceTests/Servers/prying.py", arguments)
        let answers = try await TestServer.with(
            command, patience: patience,
            environment: try Python.messages()
        ) { bench in
            var settings = Lookahead.Settings()
            settings.cuts = 6
            settings.pauses = pauses
            settings.clockLibrary = Self.clockLibrary
            var lookahead = Lookahead(bench, recording, settings)
            return try await lookahead.run()
        }
        #expect(answers.map(\.question) == LookaheadQuestion.allCases)
        return Dictionary(
            answers.map { ($0.question, $0.verdict) }, uniquingKeysWith: { first, _ in first })
    }

    private func findings(
        _ answers: [LookaheadQuestion: LookaheadAnswer.Verdict]
    ) -> [LookaheadQuestion: LookaheadFinding] {
        answers.compactMapValues { if case .found(let finding) = $0 { finding } else { nil } }
    }

    @Test func aServerThatLooksAtNothingElseIsGood() async throws {
        // It answers all: on a busy machine it may take its time.
        let answers = try await answers(["--pry", "nothing"], patience: .seconds(30))
        #expect(findings(answers).isEmpty)
        let good = answers.filter { if case .good = $0.value { true } else { false } }
        #expect(good.count == LookaheadQuestion.allCases.count, "\(answers)")
    }

    struct Prying: Sendable, CustomTestStringConvertible {
        let pry: String
        let at: Int
        let cause: LookaheadCause
        let by: Set<LookaheadQuestion>
        init(_ pry: String, at: Int, _ cause: LookaheadCause, _ by: LookaheadQuestion...) {
            self.pry = pry
            self.at = at
            self.cause = cause
            self.by = Set(by)
        }
        var testDescription: String { "\(pry) -> \(cause)" }
    }

    @Test(arguments: [
        Prying("chance", at: 138, .chance, .sideBySide),
        Prying("pace", at: 381, .clock, .slowly),
        Prying("zone", at: 138, .clock, .elsewhere),
        Prying("date", at: 138, .clock, .elsewhere),
        Prying("process", at: 138, .process, .newProcess),
        Prying("memory", at: 138, .memory, .again),
        Prying("ends", at: 138, .ends, .oneByOne, .otherEnds),
        Prying("message", at: 138, .future, .oneByOne, .otherEnds, .cutOff),
        Prying("waits", at: 390, .future, .oneByOne, .otherEnds),
        Prying("year", at: 138, .recording, .anotherYear),
    ])
    func isFoundAtItsEvent(_ prying: Prying) async throws {
        let found = findings(
            try await answers(
                ["--pry", prying.pry, "--at", "\(prying.at)"],
                pauses: prying.pry == "pace" ? .seconds(8) : .milliseconds(50)))
        let event = Self.recording.events[prying.at - 1]
        for (question, finding) in found where prying.by.contains(question) {
            #expect(finding.cause == prying.cause, "\(question): \(finding)")
            // They look at some places alone; each event is looked at one by one.
            if question == .cutOff || question == .otherEnds {
                #expect(finding.event >= prying.at)
                continue
            }
            #expect(finding.event == prying.at, "\(question): \(finding)")
            #expect(finding.position == words(event.position))
            #expect(finding.time == event.time)
            #expect(finding.with.said != finding.without.said)
        }
        #expect(prying.by == Set(found.keys), "\(found)")
        #expect(found.values.map(\.event).min() == prying.at)
    }

    /// An answer that comes with the next message is one that waits for the future.
    @Test func anAnswerThatIsHeldBackIsFoundAtTheFirstEvent() async throws {
        let found = findings(try await answers(["--pry", "holds-back"]))
        let finding = try #require(found[.oneByOne])
        #expect(finding.cause == .future && finding.event == 1)
        #expect(finding.without.said == "no watermark in 5 s")
        #expect(finding.without.how == "while nothing followed")
    }

    /// What has the file at hand needs no future from the host.
    @Test func aTableOfTheDaysThatAreReplayedIsFound() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-table-\(getpid()).json")
        defer { try? FileManager.default.removeItem(at: folder) }
        var table: [String: String] = [:]
        let events = Self.recording.events
        for (event, next) in zip(events, events.dropFirst()) {
            guard case .tick(let number, let price, _, _) = event.row,
                case .tick(_, let after, _, _) = next.row
            else { continue }
            table["\(number)/\(event.time)"] = after > price ? "up" : "down!"
        }
        try JSONEncoder().encode(table).write(to: folder)
        let found = findings(
            try await answers(["--pry", "table", "--at", "138", "--table", folder.path]))
        #expect(Set(found.keys) == [.anotherYear])
        #expect(found[.anotherYear]?.cause == .recording)
        #expect(found[.anotherYear]?.event == 138)
        #expect(found[.anotherYear]?.without.said == "nothing")
    }

    /// The same words at the same places, whatever the prices are.
    @Test func whatIsLearntByHeartIsFound() async throws {
        let quiet = Self.recording.events.map { event in
            var event = event
            if case .tick(let number, _, let quantity, let side) = event.row {
                event.row = .tick(
                    instrument: number, price: 100, quantity: quantity, side: side)
            }
            return event
        }
        let found = findings(try await answers(["--pry", "count"], Recording(quiet)))
        #expect(Set(found.keys) == [.otherPrices])
        #expect(found[.otherPrices]?.cause == .recording)
        #expect(found[.otherPrices]?.event == 102)
    }

    @Test func aServerThatSaysNothingIsNotCalledGood() async throws {
        let events = Array(Self.recording.events.prefix(1))
        let answers = try await answers(["--pry", "nothing"], Recording(events))
        for question in LookaheadQuestion.allCases where question != .sideBySide {
            guard case .notAsked(let why, _)? = answers[question] else {
                Issue.record("\(question) was asked")
                continue
            }
            #expect(why == "it said nothing about 1 event")
        }
    }
}
