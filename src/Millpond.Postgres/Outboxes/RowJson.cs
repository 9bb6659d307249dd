using System.Text;
using System.Text.Json;
using Millpond.Feeds;
using Millpond.Feeds.Outboxes;

namespace Millpond.Postgres.Outboxes;

/// <summary>A row's values as the outbox keeps them: a JSON object of columns, each a text or null. A column that is not known is not there.</summary>
internal static class RowJson
{
    public static string? Write(RowValues? row)
    {
        if (row is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            for (var i = 0; i < row.Columns.Count; i++)
            {
                if (!ReferenceEquals(row.Values[i], RowValues.Absent))
                {
                    json.WriteString(row.Columns[i], ColumnText.Of(row.Values[i]));
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Whether a text is such an object, as which another program may have written it by itself: numbers and truth values are taken as their text.</summary>
    public static bool TryRead(string? text, out RowValues? row)
    {
        row = null;
        if (text is null)
        {
            return true;
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            List<string> columns = [];
            List<object?> values = [];
            foreach (var column in json.RootElement.EnumerateObject())
            {
                columns.Add(column.Name);
                values.Add(column.Value.ValueKind switch
                {
                    JsonValueKind.Null => null,
                    JsonValueKind.String => column.Value.GetString(),
                    _ => column.Value.GetRawText(),
                });
            }

            row = new RowValues(columns, values);
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The second is a text with half a surrogate pair.
            return false;
        }
    }
}
