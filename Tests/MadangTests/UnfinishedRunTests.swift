import Foundation
import Platform
import Ports
import Storage
import TestKit
import Testing
import TradingModel

@testable import Madang

/// A new run begins where another one is not finished: what that one holds is told, or the start refused.
@Suite struct UnfinishedRunTests {
    private static let text = "as it was kept"
    /// What this configuration was known by, with a version of the kernel.
    private static func identity(_ kernel: UInt32) -> String {
        String(repeating: kernel % 16 == 0 ? "a" : "b", count: 62) + "\(kernel)"
    }

    /// A folder with a run that nobody finished: holds 7 of A, of B nothing any more, and a bid for 1,000 of B rests.
    private final class Scene {
        let root = NSTemporaryDirectory() + "madang-unfinished-\(UUID().uuidString)"
        private(set) var run = ""
        var tables: String { root + "/madang.db" }
        deinit { try? FileManager.default.removeItem(atPath: root) }

        /// - Parameters:
        ///   - kernel: The version of the program that began it.
        ///   - identity: `nil`: of this very configuration.
        init(
            kernel: UInt32, identity: String? = nil, text: String = "another text",
            isEmpty: Bool = false
        ) throws {
            let identity = identity ?? UnfinishedRunTests.identity(kernel)
            let folder = try RunFolder(root: root, identity: identity, finished: [], fresh: false)
            run = folder.run
            try folder.keep(configuration: text, of: "/mine.yaml", begun: .seconds(1_000))
            let log = try SegmentedLog.create(
                in: folder.path + "/log",
                identity: LogIdentity(
                    kernelVersion: kernel, configurationHash: identity, runID: run),
                settings: LogSettings())
            for byte in 0..<3 as Range<UInt8> { try log.append([byte]) }
            try log.close()
            let store = try SQLiteProjections.open(
                tables, run: run, configurationHash: identity, started: .seconds(1_000))
            let rows: [ProjectionRow] = [
                .ledger(Self.fill(1, "A", .buy, 10, leaves: 10)),
                .ledger(Self.fill(2, "B", .buy, 5, leaves: 5)),
                .ledger(Self.fill(3, "A", .sell, 3, leaves: 7)),
                .ledger(Self.fill(4, "B", .sell, 5, leaves: 0)),
                .order(Self.order(1, "A", .won(90), "filled")),
                .order(Self.order(2, "B", .won(12_000), "submitted")),
            ]
            try store.apply(isEmpty ? [] : rows, upTo: 3)
        }

        private static func fill(
            _ line: Int64, _ symbol: String, _ side: Side, _ shares: Int64, leaves: Int64
        ) -> LedgerRow {
            LedgerRow(
                record: 1, line: line, account: "demo", symbol: symbol, side: side,
                quantity: .shares(shares), price: .won(90), fee: .zero, currency: "KRW",
                order: OrderNumber(1), clientOrderID: "c\(line)", slippage: .zero, realised: .zero,
                positionAfter: .shares(leaves), cashAfter: .won(100), source: "dip",
                modelVersion: "", confidence: 0, time: .seconds(1_000), hash: "\(line)")
        }
        private static func order(
            _ number: UInt64, _ symbol: String, _ limit: Price, _ state: String
        ) -> OrderRow {
            OrderRow(
                record: 1, number: OrderNumber(number), clientOrderID: "o\(number)",
                account: "demo", symbol: symbol, side: .buy, quantity: .shares(1_000), limit: limit,
                state: state, filled: .zero, source: "dip", reason: "", time: .seconds(1_000))
        }

        /// - Returns: What was told.
        func start(outside: Bool = true, fresh: Bool = false) throws -> [String] {
            let broker =
                outside ? "{ kind: sim, key: \"${K}\", secret: \"${K}\" }" : "{ kind: paper }"
            var configuration = try HostConfiguration.of(
                """
                accounts: [{ id: demo, broker: one, currency: KRW, cash: 1000 }]
                brokers: { one: \(broker) }
                feeds: [{ path: ticks.csv, what: ticks, speed: 1x }]
                instruments: [{ symbols: [A], market: KR, hours: krx }]
                rules: [{ name: dip, when: "price < 5", then: buy, on: ticks, quantity: 1 }]
                """, ["K": "demo"])
            (configuration.folder, configuration.database) = (root, tables)
            var assembly = RunAssembly(
                configuration: configuration,
                identity: UnfinishedRunTests.identity(KernelVersion.number),
                base: root, file: "/mine.yaml", text: UnfinishedRunTests.text)
            assembly.formerIdentity = { UnfinishedRunTests.identity($0) }
            let notebook = Notebook()
            let session = RunSession(assembly, feed: MemoryFeed([]), observer: notebook)
            let aside = session.observer as? AsideObserver
            aside?.start()
            defer { aside?.finish() }
            let stores = try session.openStores(fresh: fresh)
            try stores.log.close()
            aside?.finish()
            return notebook.all.map(\.text)
        }

        func refusal(outside: Bool = true) -> String? {
            do {
                _ = try start(outside: outside)
                return nil
            } catch { return "\(error)" }
        }
        var runs: [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: root + "/runs")) ?? []
        }
    }
    private static let left =
        "holds 7 A and has open order 2, BUY 1,000 B at 12,000 (submitted)"

    /// A new program does not begin anew by itself over what the former one holds at a broker.
    @Test func aRunOfAnotherKernelAtABrokerOutsideIsNotLeftBehind() throws {
        let scene = try Scene(kernel: KernelVersion.number - 1)
        let refusal = try #require(scene.refusal())
        #expect(refusal.contains("run \(scene.run) is not finished, \(Self.left), and was begun"))
        #expect(
            refusal.contains(
                "kernel version \(KernelVersion.number - 1), this one has \(KernelVersion.number)"))
        #expect(refusal.contains("finish it with the program that began it"))
        #expect(refusal.contains("madang run --fresh"))
        #expect(scene.runs == [scene.run], "nothing was begun")
        let told = try scene.start(fresh: true)
        #expect(
            told == [
                "run \(scene.run) is not finished, and \(Self.left): the new one begins with empty books"
            ])
        #expect(scene.runs.count == 2)
        // Who said so once is not asked again.
        #expect(try scene.start() == [])
    }

    /// The words of which an identity is made may change with the program: the same file is the same configuration.
    @Test func theFileAsItWasKeptTellsItToo() throws {
        let scene = try Scene(
            kernel: KernelVersion.number - 1, identity: String(repeating: "c", count: 64),
            text: Self.text)
        #expect(scene.refusal()?.contains(Self.left) == true)
    }

    @Test func whatIsHeldIsNotKnownWithoutItsTables() throws {
        let scene = try Scene(kernel: KernelVersion.number - 1, isEmpty: true)
        #expect(
            scene.refusal()?.contains("is not finished, holds nothing and has no order open")
                == true)
        #expect(try scene.start(fresh: true) == [])
        let left = LeftBehind(of: "none", .sqlite(scene.tables))
        #expect(!left.isNothing && "\(left)".hasPrefix("holds what cannot be read now ("))
    }

    /// On paper nobody holds anything, and another configuration is another run: both are told, and begin.
    @Test func elsewhereItIsAWarning() throws {
        for (scene, outside) in [
            (try Scene(kernel: KernelVersion.number - 1), false),
            (
                try Scene(
                    kernel: KernelVersion.number - 1, identity: String(repeating: "c", count: 64)),
                true
            ),
            (
                try Scene(
                    kernel: KernelVersion.number, identity: String(repeating: "c", count: 64)), true
            ),
        ] {
            let told = try scene.start(outside: outside)
            #expect(told.count == 1 && told[0].contains("is not finished, and is not this one"))
            #expect(scene.runs.count == 2)
        }
    }

    /// One that is gone on with by every other start.
    @Test func aFreshStartTellsWhatItLeavesBehind() throws {
        let scene = try Scene(kernel: KernelVersion.number)
        #expect(try scene.start() == [], "it goes on")
        let told = try scene.start(outside: false, fresh: true)
        #expect(
            told == [
                "run \(scene.run) is not finished, and \(Self.left): the new one begins with empty books"
            ])
    }
}
