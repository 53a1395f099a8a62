import Foundation
import Ports
import Testing
import TradingModel
import Vault

@testable import Feeds

private let ids = ["005930": InstrumentID(0), "000660": InstrumentID(1)]

private func list(
    _ text: String, name: String = "list.csv", zipped: Bool = false,
    _ change: (inout CandidateFile) -> Void = { _ in }
) throws -> CandidateList {
    let folder = NSTemporaryDirectory() + "candidates-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/" + name
    let bytes = zipped ? gzip(Array(text.utf8)) : Array(text.utf8)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var file = CandidateFile(path: path)
    change(&file)
    do { return try file.read(digest: OpenSSLDigest()) { ids[$0] } } catch {
        // Where the folder lies is nobody's business.
        throw FeedError(
            error.what, at: error.place.replacing(folder + "/", with: ""), advice: error.advice)
    }
}

@Suite struct CandidateFileTests {
    private let csv = """
        time,symbol,score,side,reasons
        2026-11-20T15:36:00+09:00,005930,8.25,,gap up;volume
        2026-11-20T15:36:00+09:00,000660,7,sell,
        2026-11-21T06:36:00Z,005930,-1.5,alert,"a, b"
        """
    private let jsonl = """
        {"time":"2026-11-20T15:36:00+09:00","symbol":"005930","score":8.25,"reasons":["gap up","volume"]}
        {"time":"2026-11-20T15:36:00+09:00","symbol":"000660","score":7,"side":"sell"}

        {"time":"2026-11-21T06:36:00Z","symbol":"005930","score":"-1.5","side":"alert","reasons":"a, b"}
        """

    @Test func bothFormsSayTheSame() throws {
        let plain = try list(csv)
        #expect(plain.candidates.map(\.score) == [8_250_000, 7_000_000, -1_500_000])
        #expect(plain.candidates.map(\.action) == [nil, .sell, .alert])
        #expect(plain.candidates.map(\.reasons) == [["gap up", "volume"], [], ["a, b"]])
        #expect(
            plain.candidates[0].time.nanoseconds == 1_795_156_560_000_000_000)
        #expect(try list(jsonl, name: "list.jsonl").candidates == plain.candidates)
        #expect(
            try list(jsonl, name: "list.txt") { $0.form = .jsonl }.candidates == plain.candidates)
        #expect(try list(csv, name: "list.csv.gz", zipped: true) == plain)
    }

    @Test func columnsTimesAndDatesAreTheConfigurations() throws {
        let text = "day,code,points\n2026-11-20,005930,80\n20261121,000660,90\n"
        let read = try list(text) { file in
            file.names = [.time: "day", .symbol: "code", .score: "points"]
            file.zone = "Asia/Seoul"
            file.timeOfDay = "15:36"
        }
        #expect(
            read.candidates.map(\.time.nanoseconds) == [
                1_795_156_560_000_000_000, 1_795_242_960_000_000_000,
            ])
        let counted = try list("time,symbol,score\n1795156560,005930,8\n") {
            $0.timeFormat = .unixSeconds
        }
        #expect(counted.candidates[0].time.nanoseconds == 1_795_156_560_000_000_000)
    }

    @Test func itsBytesAreItsFingerprint() throws {
        let one = try list("time,symbol,score\n")
        #expect(one.candidates.isEmpty && one.fingerprint.count == 64)
        #expect(try list("time,symbol,score\n\n").fingerprint != one.fingerprint)
    }

    @Test func unknownSymbolsStopOrAreLeftOutAndNamed() throws {
        let text = "time,symbol,score\n2026-11-20,X,8\n2026-11-20,005930,8\n2026-11-21,X,9\n"
        let read = try list(text) { $0.unknownSymbols = .skip }
        #expect(read.candidates.count == 1 && read.unknown == ["X"])
        #expect(throws: FeedError.self) { try list(text) }
    }

    private static let wrong: [(String, String, String)] = [
        ("2026-11-20,X,8", "list.csv:2: column 'symbol'", "'X' is not among the instruments"),
        ("2026-11-20,005930,NaN", "list.csv:2: column 'score'", "'NaN' is no score"),
        ("2026-11-20,005930,inf", "list.csv:2: column 'score'", "'inf' is no score"),
        ("2026-11-20,005930,", "list.csv:2: column 'score'", "'' is no score"),
        ("2026-11-20,005930,8.1234567", "list.csv:2: column 'score'", "'8.1234567' is no score"),
        (
            "2026-11-20,005930,99999999999", "list.csv:2: column 'score'",
            "'99999999999' is no score"
        ),
        ("yesterday,005930,8", "list.csv:2: column 'time'", "'yesterday' is no time"),
        ("2026-02-30,005930,8", "list.csv:2: column 'time'", "'2026-02-30' is no time"),
        (
            "2026-11-20,005930,8\n2026-11-19,000660,8", "list.csv:3",
            "its time is before that of line 2"
        ),
        (
            "2026-11-20,005930,8\n2026-11-20,000660,8\n2026-11-20,005930,9", "list.csv:4",
            "'005930' is in the list at this time already, in line 2"
        ),
        ("2026-11-20,005930", "list.csv:2", "the row has 2 fields, the header 3"),
    ]
    @Test(arguments: wrong)
    func aWrongRowIsOneClearError(_ rows: String, _ place: String, _ what: String) throws {
        let error = #expect(throws: FeedError.self) {
            try list("time,symbol,score\n" + rows + "\n")
        }
        #expect(error?.place == place && error?.what == what)
        #expect(
            error?.advice.isEmpty == (what.hasPrefix("the row has") ? error?.advice.isEmpty : false)
        )
    }

    @Test func otherWrongsAreTold() throws {
        func what(_ text: String, _ name: String = "list.csv") -> String? {
            #expect(throws: FeedError.self) { try list(text, name: name) }?.description
        }
        #expect(what("time,symbol\n")?.hasPrefix("list.csv:1: there is no column 'score'") == true)
        #expect(what("")?.hasPrefix("list.csv: the file is empty") == true)
        #expect(
            what("time,symbol,score,side\n2026-11-20,005930,8,long\n")?
                .hasPrefix("list.csv:2: column 'side': 'long' is no side") == true)
        #expect(
            what("{\"symbol\":\"005930\",\"score\":8}", "a.jsonl")?
                .hasPrefix("a.jsonl:1: there is no member 'time'") == true)
        #expect(
            what("{\"time\":\"2026-11-20\",\"symbol\":\"005930\",\"score\":NaN}", "a.jsonl")?
                .hasPrefix("a.jsonl:1: the line is no JSON object") == true)
        #expect(
            what("{\"time\":\"2026-11-20\",\"symbol\":\"005930\",\"score\":null}", "a.jsonl")?
                .hasPrefix("a.jsonl:1: column 'score': '' is no score") == true)
    }
}
