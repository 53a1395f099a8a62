import Foundation
import Ports
import TestKit
import TradingModel

@testable import Storage

/// Which store a contract test runs on.
enum StoreKind: String, CaseIterable, Sendable { case sqlite, postgres }

/// An empty store for one test; gone with it, or with the server.
struct StoreUnderTest {
    let address: StoreAddress
    private let folder = TemporaryFolder()

    init(_ kind: StoreKind) throws {
        switch kind {
        case .sqlite: address = .sqlite(folder.store)
        case .postgres: address = .postgres(try .sample())
        }
    }

    func open(
        _ run: String = "run-1", hash: String = "c0ffee", started: Int64 = 100
    ) throws -> any DecisionStore {
        try address.open(
            run: run, configurationHash: hash, started: Timestamp(nanoseconds: started))
    }
    func reading(_ run: String? = nil) throws -> any DecisionStore {
        try address.reading(run: run)
    }
}

extension PostgresSettings {
    /// A schema of its own on the tests' server, through its socket.
    static func sample() throws -> PostgresSettings {
        let server = try PostgresServer.shared.get()
        var settings = PostgresSettings(
            host: server.folder, port: server.port, database: "madang", user: "madang")
        settings.schema = server.newSchema()
        return settings
    }
}
