using System.Globalization;
using Catalog.Page;
using Microsoft.Data.Sqlite;
using Millpond;
using Millpond.FileJournal;
using Millpond.Sinks;
using Millpond.Sqlite;

namespace Catalog.Shop;

/// <summary>
/// How often each product was looked at. A view is counted when the journal of this instance has it, after the page has been sent; from there it reaches the database with thousands of others, once, also if the program is killed in between.
/// </summary>
internal sealed class PageViews(IMergedCounters<int> counters, ICache cache, string database)
{
    /// <summary>The name of the counters, and of the journal's folder beside the database.</summary>
    private const string Name = "views";

    public static MillpondBuilder Declare(MillpondBuilder cache, string database, int instance) => cache.AddMergedCounters<int>(
        Name,
        FileJournals.In(Path.Combine(Path.GetDirectoryName(database)!, Name, instance.ToString(CultureInfo.InvariantCulture))),
        SqliteSinks.Table(database, new SinkTable<int, long>("page_views").Key("product_id", id => id).Count("views")),
        options => options.FlushDelay = TimeSpan.FromSeconds(1));

    /// <summary>Makes the table; a database that was built before there were views has none.</summary>
    public static void Prepare(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS page_views (product_id INTEGER PRIMARY KEY, views INTEGER NOT NULL)";
        command.ExecuteNonQuery();
    }

    /// <summary>Counts a view when the page has been sent, so that nobody waits for the disk.</summary>
    public void CountWhenSent(HttpContext context, int product) => context.Response.OnCompleted(async () =>
    {
        try
        {
            await counters.AddAsync(product);
        }
        catch (MillpondException)
        {
            // The journal is full or gone, which its figures and the log say. The page was served; this view is not counted.
        }
    });

    /// <summary>Everything counted so far is in the database when it returns.</summary>
    public ValueTask FlushAsync(CancellationToken cancellation) => cache.WriteBehind(Name).FlushAsync(cancellation);

    /// <summary>How many there are, and how many are on their way.</summary>
    public async Task<ViewsSample> SampleAsync(CancellationToken cancellation)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly");
        await connection.OpenAsync(cancellation);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(views), 0) FROM page_views";
        return new ViewsSample((long)(await command.ExecuteScalarAsync(cancellation))!, cache.WriteBehind(Name).Statistics().Records);
    }
}
