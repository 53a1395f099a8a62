import CPQ
import Ports

/// Owns a connection of libpq and closes it once. One thread at a time may be inside.
struct PostgresHandle: ~Copyable {
    let raw: OpaquePointer
    init(owning raw: OpaquePointer) { self.raw = raw }
    deinit { PQfinish(raw) }
}

/// Owns an answer of libpq and frees it once.
struct PostgresResult: ~Copyable {
    let raw: OpaquePointer
    init(owning raw: OpaquePointer) { self.raw = raw }
    deinit { PQclear(raw) }

    var status: ExecStatusType { PQresultStatus(raw) }
    var isError: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }
    /// Five letters and digits; empty where the server did not say.
    var state: String { field(CInt(UInt8(ascii: "C"))) }
    var message: String { field(CInt(UInt8(ascii: "M"))) }

    private func field(_ code: CInt) -> String {
        PQresultErrorField(raw, code).map { String(cString: $0) } ?? ""
    }
}
