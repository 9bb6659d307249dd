using System.Globalization;
using System.Text.Json;

namespace Millpond.Bench.Harness;

/// <summary>One figure. <see cref="Ratio"/> compares with the subject named as <see cref="Baseline"/> in the same case of the same run.</summary>
internal sealed record Row(string Suite, string Case, string Subject, string Metric, string Unit, double Value, string? Baseline, double? Ratio);

/// <summary>Collects the figures of a run, prints them as they come and writes them as JSON in the end.</summary>
internal sealed class Report(TextWriter output)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private readonly List<Row> _rows = [];

    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>Adds a figure; the baseline's own must have been added before.</summary>
    public void Add(string suite, string @case, string subject, string metric, string unit, double value, string? baseline = null)
    {
        var compared = _rows.Find(r => r.Suite == suite && r.Case == @case && r.Subject == baseline && r.Metric == metric);
        double? ratio = compared is { Value: > 0 } ? value / compared.Value : null;
        var row = new Row(suite, @case, subject, metric, unit, value, compared?.Subject, ratio);
        _rows.Add(row);
        var note = ratio is { } r ? $"  {r.ToString("0.00", CultureInfo.InvariantCulture)} x {baseline}" : "";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {@case,-22} {subject,-28} {metric,-16} {value,12:0.##} {unit,-6}{note}"));
    }

    public void Write(string path, Machine machine) => File.WriteAllText(path, JsonSerializer.Serialize(new { machine, rows = _rows }, Json) + "\n");
}
