using System.Globalization;
using System.Text;

namespace Millpond.Bench.Harness;

/// <summary>Writes what a suite found as tables, in place of those that stand in a page between its markers.</summary>
internal static class Tables
{
    public static void WriteInto(string path, Suite suite, IReadOnlyList<Row> rows)
    {
        var page = File.ReadAllText(path);
        var (opening, closing) = ($"<!-- {suite.Name} -->\n", $"<!-- end of {suite.Name} -->");
        var (begin, end) = (page.IndexOf(opening, StringComparison.Ordinal), page.IndexOf(closing, StringComparison.Ordinal));
        if (begin >= 0 && end > begin)
        {
            File.WriteAllText(path, page[..(begin + opening.Length)] + "\n" + Render(suite, rows) + page[end..]);
        }
    }

    private static string Render(Suite suite, IReadOnlyList<Row> rows)
    {
        var text = new StringBuilder();
        if (suite.Goals.Count > 0)
        {
            text.Append("| goal | to reach | reached | |\n|---|---|---|---|\n");
            foreach (var goal in suite.Goals)
            {
                var reached = goal.Reached(rows);
                var verdict = reached is not { } figure ? "" : goal.IsMetBy(figure) ? "met" : "missed";
                text.Append(CultureInfo.InvariantCulture, $"| {goal.What} | {(goal.Bound == Bound.AtMost ? "at most" : "at least")} {goal.Limit:0.##} | {reached:0.##} | {verdict} |\n");
            }

            text.Append('\n');
        }

        foreach (var metric in suite.Tabled)
        {
            AppendPivot(text, metric, [.. rows.Where(row => row.Suite == suite.Name && row.Metric == metric)]);
        }

        return text.ToString();
    }

    // Subjects down, cases across: the value, and in brackets how it compares.
    private static void AppendPivot(StringBuilder text, string metric, Row[] rows)
    {
        if (rows.Length == 0)
        {
            return;
        }

        string[] cases = [.. rows.Select(row => row.Case).Distinct()];
        text.Append(CultureInfo.InvariantCulture, $"| {metric}, {rows[0].Unit} | {string.Join(" | ", cases)} |\n|---|{string.Concat(cases.Select(_ => "---|"))}\n");
        foreach (var subject in rows.GroupBy(row => row.Subject))
        {
            var cells = cases.Select(one => subject.FirstOrDefault(row => row.Case == one) is { } row ? Cell(row) : "");
            text.Append(CultureInfo.InvariantCulture, $"| {subject.Key} | {string.Join(" | ", cells)} |\n");
        }

        text.Append('\n');
    }

    private static string Cell(Row row)
    {
        var value = row.Value.ToString(Math.Abs(row.Value) < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);
        return row.Ratio is { } ratio && row.Subject != row.Baseline ? string.Create(CultureInfo.InvariantCulture, $"{value} ({ratio:0.00})") : value;
    }
}
