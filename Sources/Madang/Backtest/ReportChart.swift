import Backtest
import Foundation
import Host
import Platform
import TradingModel

/// A line chart as SVG, with the values under the pointer in the page's own script. Text alone: no state.
struct ReportChart {
    enum Kind { case worth, fall, price }
    struct Marker {
        let index: Int
        /// By the trace's integers.
        let units: Int64
        let side: Side
        let text: String
    }
    let trace: Trace
    let kind: Kind
    let title: String
    /// From the trace's integers to what the axis shows.
    let scale: Double
    let zone: ZoneOffsets
    var markers: [Marker] = []
    var split: Timestamp?

    private static let width = 960.0
    private static let left = 8.0
    private static let right = 92.0
    private static let top = 10.0
    private static let bottom = 24.0
    private var height: Double { kind == .fall ? 150 : kind == .worth ? 280 : 240 }

    var svg: String {
        guard let first = trace.spans.first, let last = trace.spans.last else { return "" }
        let range = Range(trace.spans, scale, kind, markers)
        let plot = Plot(
            width: Self.width - Self.left - Self.right, height: height - Self.top - Self.bottom,
            left: Self.left, top: Self.top, range: range, from: first.firstIndex, to: last.lastIndex
        )
        return """
            <figure class="chart \(kind)"><figcaption>\(HTML.text(title))</figcaption>
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img" aria-label="\(HTML.text(title))" data-points='\(points(plot))'>
            \(grid(plot))\(splitLine(plot))\(area(plot))\(line(plot))\(marks(plot))
            <line class="cross" y1="\(Self.top)" y2="\(height - Self.bottom)" visibility="hidden"/><circle class="dot" r="3.5" visibility="hidden"/>
            </svg></figure>
            """
    }

    // MARK: Parts

    private func grid(_ plot: Plot) -> String {
        var text = ""
        for tick in plot.range.ticks {
            let y = plot.y(tick)
            text +=
                "<line class=\"grid\" x1=\"\(n(plot.left))\" x2=\"\(n(plot.left + plot.width))\""
            text += " y1=\"\(n(y))\" y2=\"\(n(y))\"/>"
            text += "<text class=\"axis\" x=\"\(n(plot.left + plot.width + 8))\" y=\"\(n(y + 4))\">"
            text += "\(label(tick, plot.range.step))</text>"
        }
        return text + times(plot)
    }

    private func times(_ plot: Plot) -> String {
        let axis = TimeAxis(trace.spans, zone: zone)
        let (first, last) = (plot.left + 34, plot.left + plot.width - 34)
        var text = ""
        var end = -Double.infinity
        for tick in axis.ticks {
            let x = plot.x(tick.index)
            if axis.areBounds {
                text += "<line class=\"grid\" x1=\"\(n(x))\" x2=\"\(n(x))\" y1=\"\(n(plot.top))\""
                text += " y2=\"\(n(plot.top + plot.height))\"/>"
            }
            // Where two are too near each other the first is enough.
            guard x - end >= 68 else { continue }
            end = x
            let anchor = x < first ? "start" : x > last ? "end" : "middle"
            text += "<text class=\"axis\" text-anchor=\"\(anchor)\" x=\"\(n(x))\""
            text += " y=\"\(n(height - 6))\">\(tick.label)</text>"
        }
        return text
    }

    private func splitLine(_ plot: Plot) -> String {
        guard let split, let span = trace.spans.first(where: { $0.to >= split }),
            let first = trace.spans.first, span != first
        else { return "" }
        let x = n(plot.x(span.firstIndex))
        return "<line class=\"split\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(n(plot.top))\""
            + " y2=\"\(n(plot.top + plot.height))\"/><text class=\"axis\" x=\"\(x)\""
            + " dx=\"5\" y=\"\(n(plot.top + 10))\">split</text>"
    }

    /// What lies between the lowest and the highest of each span, and the fill to the base.
    private func area(_ plot: Plot) -> String {
        let ends = trace.spans.map { (plot.x($0.lastIndex), plot.y(Double($0.last) * scale)) }
        guard let first = ends.first, let last = ends.last else { return "" }
        let base = kind == .price ? nil : plot.y(kind == .fall ? 0 : plot.range.low)
        var text = ""
        if let base {
            text += "<path class=\"fill\" d=\"M\(n(first.0)) \(n(base))"
            for end in ends { text += "L\(n(end.0)) \(n(end.1))" }
            text += "L\(n(last.0)) \(n(base))Z\"/>"
        }
        guard trace.spans.contains(where: { $0.low != $0.high }) else { return text }
        text += "<path class=\"band\" d=\"M"
        text += trace.spans.map {
            "\(n(plot.x($0.lastIndex))) \(n(plot.y(Double($0.high) * scale)))"
        }.joined(separator: "L")
        text += "L"
        text += trace.spans.reversed().map {
            "\(n(plot.x($0.lastIndex))) \(n(plot.y(Double($0.low) * scale)))"
        }.joined(separator: "L")
        return text + "Z\"/>"
    }

    private func line(_ plot: Plot) -> String {
        var points: [String] = []
        if let first = trace.spans.first {
            points.append(
                "\(n(plot.x(first.firstIndex))) \(n(plot.y(Double(first.first) * scale)))")
        }
        points += trace.spans.map {
            "\(n(plot.x($0.lastIndex))) \(n(plot.y(Double($0.last) * scale)))"
        }
        return "<path class=\"line\" d=\"M\(points.joined(separator: "L"))\"/>"
    }

    private func marks(_ plot: Plot) -> String {
        markers.map { marker in
            let (x, y) = (plot.x(marker.index), plot.y(Double(marker.units) * scale))
            let isBuy = marker.side == .buy
            let tip = isBuy ? y + 3 : y - 3
            let base = isBuy ? y + 12 : y - 12
            return "<path class=\"\(isBuy ? "buy" : "sell")\" d=\"M\(n(x)) \(n(tip))"
                + "L\(n(x - 5)) \(n(base))L\(n(x + 5)) \(n(base))Z\"><title>"
                + "\(HTML.text(marker.text))</title></path>"
        }.joined()
    }

    /// `[[x, y, "time", "value"], …]` for the script.
    private func points(_ plot: Plot) -> String {
        let rows = trace.spans.map { span in
            let value = Double(span.last) * scale
            let text = CivilTime(span.to.advanced(by: zone.offset(at: span.to))).text(
                separator: " ")
            return "[\(n(plot.x(span.lastIndex))),\(n(plot.y(value))),\"\(text.dropLast(3))\","
                + "\"\(label(value, plot.range.step / 100))\"]"
        }
        return "[" + rows.joined(separator: ",") + "]"
    }

    private func label(_ value: Double, _ step: Double) -> String {
        if kind == .fall { return String(format: "%.\(step < 0.1 ? 2 : 1)f %%", value) }
        let digits = step >= 1 ? 0 : min(8, Int((-log10(step)).rounded(.up)))
        return grouped(String(format: "%.\(digits)f", value))
    }

    private func n(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : String(format: "%.1f", value)
    }

    private struct Plot {
        let width: Double
        let height: Double
        let left: Double
        let top: Double
        let range: Range
        let from: Int
        let to: Int
        func x(_ index: Int) -> Double {
            to > from ? left + Double(index - from) / Double(to - from) * width : left
        }
        func y(_ value: Double) -> Double {
            top + (range.high - value) / (range.high - range.low) * height
        }
    }

    /// An axis with round steps around all that is shown.
    struct Range {
        let low: Double
        let high: Double
        let step: Double
        var ticks: [Double] {
            let first = (low / step - 1e-9).rounded(.up)
            let last = (high / step + 1e-9).rounded(.down)
            guard last >= first else { return [] }
            return (0...Int(last - first)).map { (first + Double($0)) * step }
        }

        init(_ spans: [Trace.Span], _ scale: Double, _ kind: Kind, _ markers: [Marker]) {
            var low = spans.map { Double($0.low) * scale }.min() ?? 0
            var high = spans.map { Double($0.high) * scale }.max() ?? 1
            for marker in markers {
                low = min(low, Double(marker.units) * scale)
                high = max(high, Double(marker.units) * scale)
            }
            if kind == .fall { high = 0 }
            if high <= low {
                let room = max(abs(high) * 0.01, kind == .fall ? 1 : 0.01)
                low -= room
                if kind != .fall { high += room }
            }
            let room = (high - low) * 0.06
            low -= room
            if kind != .fall { high += room }
            let rough = (high - low) / (kind == .fall ? 3 : 5)
            let power = pow(10, log10(rough).rounded(.down))
            let lead = rough / power
            step = power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10)
            self.low = low
            self.high = high
        }
    }
}

/// Text as HTML shows it.
enum HTML {
    static func text(_ text: String) -> String {
        var safe = ""
        for scalar in printable(text).unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
