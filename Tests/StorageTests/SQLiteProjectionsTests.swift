import CSQLite
import Foundation
import Ports
import TestKit
import Testing
import TradingModel

@testable import Storage

@Suite struct SQLiteProjectionsTests {
    let folder = TemporaryFolder()

    private func open(
        _ run: String = "run-1", hash: String = "c0ffee", started: Int64 = 100
    ) throws -> SQLiteProjections {
        try SQLiteProjections.open(
            folder.store, run: run, configurationHash: hash,
            started: Timestamp(nanoseconds: started), patience: .milliseconds(20))
    }
    private func text(_ sql: String) throws -> [String] {
        let connection = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        var found: [String] = []
        try connection.prepare(sql, doing: "test").forEach { (row) throws(StoreError) in
            found.append(row.text())
        }
        return found
    }

    @Test func viewsShowWhatPeopleWrite() throws {
        let store = try open()
        var order = OrderRow.sample(1, number: 1)
        order.limit = Price("-0.5")
        order.quantity = try #require(Quantity("1200"))
        order.time = Timestamp(nanoseconds: -1)
        var market = OrderRow.sample(1, number: 2)
        market.limit = nil
        try store.apply([.order(order), .order(market), .ledger(.sample(1, line: 1))], upTo: 1)
        let parts =
            "run || ' ' || time || ' ' || quantity || ' ' || coalesce(price_limit, 'market')"
        #expect(
            try text("SELECT \(parts) FROM orders_view") == [
                "run-1 1969-12-31T23:59:59.999999999Z 1200 -0.5",
                "run-1 2026-11-20T00:00:00.000000001Z 10 market",
            ])
        #expect(
            try text("SELECT price || ' ' || fee || ' ' || confidence FROM ledger_view")
                == ["70100.25 350.5 0.7"])
        #expect(try text("SELECT code FROM risk_events_view").isEmpty)
        #expect(try text("SELECT status FROM signals_view").isEmpty)
    }

    @Test func filesAreForTheirOwnerOnly() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder.path + "/store") == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(folder.store + suffix) == 0o600) }
    }

}
