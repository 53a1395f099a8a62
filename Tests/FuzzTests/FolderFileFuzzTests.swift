import Foundation
import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host
@testable import Madang

/// The small files by which commands and a host talk: whatever stands there is read or refused with its path, and
/// whoever reads, asks or answers behind it does not trap.
@Suite struct FolderFileFuzzTests {
    private static func text(_ value: some Encodable) -> String {
        (try? JSONEncoder.stable.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    private static let kill: KillOrder = {
        var order = KillOrder(number: 4, on: true, reason: "day loss")
        order.accounts = ["a0": .init(reason: "x", flattens: true)]
        order.strategies = ["x": .init(reason: "y")]
        return order
    }()
    private static let wishes: [ExitOrder.Wish] = [
        .hold(true), .halt(symbol: "S0", true), .split(symbol: "S0", new: 50, old: 1),
        .limits(symbol: "S0", lower: 100_000_000, upper: 900_000_000),
        .limits(symbol: "S0", lower: nil, upper: nil), .believe(symbol: "S0"),
        .flatten(account: "a0", true),
    ]
    private static let server: ServerPortrait = {
        var server = ServerPortrait(
            ServerDescription(
                name: "m", version: "1", instanceID: "i", modelName: "", modelVersion: "",
                modelHash: "", sdk: "python", inputs: [ServerInput(.ticks, warmUp: 0)],
                readsAccount: false, independentInstruments: true, largestBatch: 1,
                parameterHash: "0", followsInstruments: false))
        server.inputs = ["ticks", "candles:1m+", "timers:5s"].map { .init(kind: $0, warmUp: 9) }
        return server
    }()

    /// By file, what may stand in it.
    private static let files: [(name: String, texts: [String])] = [
        ("kill-switch.json", [text(kill), #"{"number":3,"on":false,"reason":"old"}"#]),
        (
            "kill-switch.heard.json",
            [
                text(KillSwitch.Answer(order: kill, did: KillAnswer(), process: 1)),
                #"{"order":{"number":3,"on":false,"reason":"old"},"process":7,"withdrawn":2}"#,
            ]
        ),
        (
            "exits.json",
            wishes.map { text(ExitFile.Request(number: 3, process: 1, wish: $0, reason: "why")) }
        ),
        (
            "exits.heard.json",
            [text(ExitFile.Answer(number: 3, process: 1, isTaken: true, words: "held"))]
        ),
        (
            "change.json",
            [
                text(
                    ChangeFile.Request(
                        number: 2, process: 1, wish: .put(text: "rules: []", file: "r.yaml"))),
                text(
                    ChangeFile.Request(
                        number: 2, process: 1,
                        wish: .limit(account: "a0", values: [.init(key: "k", value: "1")]))),
            ]
        ),
        (
            "change.heard.json",
            [text(ChangeFile.Answer(number: 2, process: 1, run: "r-1", basis: "ab"))]
        ),
        (
            "quarantine.json",
            [
                #"{"last":7,"servers":[{"isReleased":false,"name":"m","number":7,"parameters":{"a":"1"},"quarantine":{"breaks":10,"reason":"ended","since":1764000000000000000,"within":42000000000},"server":\#(text(server))}]}"#
            ]
        ),
        (
            "versions.json",
            [
                #"{"last":5,"strategies":[{"candidate":"c","deployed":{"base":"b","launch":["python"],"number":5,"parameters":{}},"number":5,"plan":"main live, candidate canary 12.5%","reason":"r","strategy":"m"}]}"#
            ]
        ),
        (
            "desk-request-9.json",
            [
                text(DeskRequest(number: 9, what: .resolve(order: 3, as: "B1"))),
                text(DeskRequest(number: 9, what: .modify(order: 3, limit: 1, quantity: 1))),
                text(
                    DeskRequest(
                        number: 9,
                        what: .correct(
                            CorrectionRequest(
                                account: "a0", symbol: "S0", broker: nil, reason: "w")))),
            ]
        ),
        (
            "desk-answer-9.json",
            [text(DeskRequests.Answer(number: 9, words: "w", isDone: true, process: 1))]
        ),
    ]
    private static let words = [
        "\"", "{", "}", "[", "]", ":", ",", "null", "true", "false", "number", "last", "S0", "a0",
        "-9223372036854775808", "9223372036854775806", "canary 100%", "candles:0s", "timers:1ns+",
    ]
    private static let mutators = files.map { Mutator($0.texts, words: words) }

    @Test(arguments: 0..<trials(4 as UInt64)) func whateverStandsThereIsReadOrRefused(
        _ seed: UInt64
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "madang-fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = SeededRandom(seed)
        var plan = KernelPlan.sample(sources: [SourcePlan(name: "x", kind: .builtIn)])
        plan.exits.plans = [.threeTier]
        plan.exits.general = .plan(0)
        var hearing = KillHearing()
        for _ in 0..<triesOfASeed / 2 {
            let index = Int.random(in: Self.files.indices, using: &random)
            let bytes = Self.mutators[index].next(&random)
            try Data(bytes).write(to: folder.appending(path: Self.files[index].name))
            try read(Self.files[index].name, in: folder.path, &hearing, plan)
        }
    }

    private func read(
        _ name: String, in folder: String, _ hearing: inout KillHearing, _ plan: KernelPlan
    ) throws {
        do throws(RunError) {
            switch name {
            case "kill-switch.json", "kill-switch.heard.json":
                let file = KillSwitch(folder: folder)
                if let order = try? file.order() {
                    _ = hearing.take(order)
                    _ = hearing.throwSwitch("signal", behind: order)
                    hearing.kept(as: order.number)
                    hearing.notKept(behind: order)
                }
                // A file that cannot be read keeps nobody from stopping.
                let order = try file.set(true, reason: "stop")
                let kept = try file.order()
                #expect(order.on && kept == order)
                _ = try file.answer()
            case "exits.json", "exits.heard.json":
                let file = ExitFile(folder: folder)
                if let request = try? file.request() { wish(request, plan) }
                let asked = try file.ask(
                    ExitFile.Request(process: 1, wish: .hold(true), reason: ""))
                let kept = try file.request()
                #expect(kept == asked)
                _ = try file.answer()
            case "change.json", "change.heard.json":
                let file = ChangeFile(folder: folder)
                let asked = try file.ask(ChangeFile.Request(process: 1, wish: .show))
                let kept = try file.request()
                #expect(kept == asked)
                _ = try file.answer()
            case "quarantine.json": try quarantine(QuarantineFile(folder: folder))
            case "versions.json": try versions(VersionFile(folder: folder))
            default:
                let requests = DeskRequests(folder: folder)
                for request in requests.take() {
                    #expect(Self.text(request).contains("number"))
                    try requests.answer(request, "w", isDone: false)
                }
                let request = DeskRequest(number: 9, what: .cancel(order: 3))
                _ = requests.takeAnswer(to: request)
            }
        } catch {
            #expect("\(error)".contains(folder), "\(error)")
        }
    }

    private func wish(_ request: ExitFile.Request, _ plan: KernelPlan) {
        var engine = Engine(plan, PaperExchange.Settings(feeMicroBasisPoints: 0))
        let answer = engine.take(
            ExitOrder(number: request.number, request.wish, reason: request.reason))
        #expect(!answer.words.isEmpty)
    }

    private func quarantine(_ file: QuarantineFile) throws(RunError) {
        for entry in try file.entries() {
            #expect(!QuarantineWords.standing(entry.name, entry.quarantine).isEmpty)
            guard let server = entry.server.description else { continue }
            #expect(ServerPortrait(server).inputs.count == entry.server.inputs.count)
            _ = try file.markReleased(entry.name)
            try file.add("other", entry.quarantine, parameters: [:], server)
            let names = try file.entries().map(\.name)
            #expect(names.contains("other"))
            try file.remove(entry.number)
        }
    }

    private func versions(_ file: VersionFile) throws(RunError) {
        for entry in try file.entries() {
            if let plan = VersionPlan(entry.plan) { #expect(VersionPlan(plan.text) == plan) }
            let asked = try file.ask(
                VersionPlan(live: .main, other: .shadow), of: "other", reason: "r"
            ) { _ in "c" }
            #expect(asked.number > 0)
            try file.answer(asked.number) { $0.process = 1 }
        }
    }
}
