using System.Globalization;
using System.Text;

namespace Millpond.Bench.Suites.Outages;

/// <summary>Draws what became of requests and sources over time: for each case two panels, what was answered and how much was under way at the source.</summary>
internal sealed class OutagePlot
{
    private const int Width = 460;
    private const int Height = 120;
    private const int Margin = 46;
    private const int RowHeight = Height + Margin;
    private static readonly string[] Colors = ["#1f6feb", "#d1242f"];

    private readonly StringBuilder _body = new();
    private int _rows;

    public void Add(string name, IReadOnlyList<(string Subject, Timeline Line)> lines)
    {
        var top = Margin + (_rows++ * RowHeight);
        var first = lines[0].Line;
        Panel(0, top, $"{name}: requests answered, %", first, 100, lines, second => 100.0 * second.Sum(moment => moment.Answered) / Math.Max(1, second.Sum(moment => moment.Asked)));
        var most = Math.Max(20, lines.Max(line => line.Line.MostAtSource()));
        Panel(1, top, $"queries at once at the source, up to {most}", first, most, lines, second => second.Max(moment => moment.MostAtSource));
    }

    public string Draw()
    {
        var (width, height) = ((2 * (Width + Margin)) + Margin, (_rows * RowHeight) + (2 * Margin));
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"18\" fill=\"{Colors[0]}\">Millpond</text><text x=\"{Margin + 80}\" y=\"18\" fill=\"{Colors[1]}\">cache-aside</text><text x=\"{Margin + 180}\" y=\"18\">grey: while the trouble lasts; seconds from left to right</text>\n");
        return text.Append(_body).Append("</svg>\n").ToString();
    }

    private void Panel(int column, int top, string title, Timeline line, double most, IReadOnlyList<(string Subject, Timeline Line)> lines, Func<Moment[], double> figure)
    {
        var left = Margin + (column * (Width + Margin));
        double X(double seconds) => left + (Width * seconds / line.Lasts.TotalSeconds);
        double Y(double value) => top + Height - (Height * Math.Min(value, most) / most);
        _body.Append(CultureInfo.InvariantCulture, $"<text x=\"{left}\" y=\"{top - 6}\">{title}</text>\n<rect x=\"{X(line.TroubleFrom.TotalSeconds):0}\" y=\"{top}\" width=\"{X(line.TroubleTo.TotalSeconds) - X(line.TroubleFrom.TotalSeconds):0}\" height=\"{Height}\" fill=\"#eee\"/>\n");
        _body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{left}\" y=\"{top}\" width=\"{Width}\" height=\"{Height}\" fill=\"none\" stroke=\"#999\"/>\n");
        for (var at = 0; at < lines.Count; at++)
        {
            var perPoint = (int)(0.5 / Timeline.MomentSeconds);
            var points = lines[at].Line.Moments.Chunk(perPoint).Select((chunk, i) => string.Create(CultureInfo.InvariantCulture, $"{X((i + 0.5) * 0.5):0.#},{Y(figure(chunk)):0.#}"));
            _body.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{Colors[at]}\" stroke-width=\"1.5\" points=\"{string.Join(' ', points)}\"/>\n");
        }
    }
}
