namespace Millpond.Server.Printing;

/// <summary>Columns for people. Numbers stand on the right; the last column is as long as it is.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Words.Line)]);

    /// <summary>Nothing if there are no rows.</summary>
    public void Print(TextWriter print)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        int[] widths = [.. heads.Select((head, column) => Math.Max(head.Length, _rows.Max(row => row[column].Length)))];
        bool[] areNumbers = [.. heads.Select((_, column) => _rows.TrueForAll(row => row[column].Length == 0 || char.IsAsciiDigit(row[column][0])))];
        print.WriteLine();
        foreach (var row in (string[][])[heads, .. _rows])
        {
            print.WriteLine(string.Join("  ", row.Select((cell, column) => areNumbers[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
