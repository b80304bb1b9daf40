-- Grain: one metric of our own operation: in total, of one country, of one day, or of one country on one day.
-- The definitions are those of docs/metrics.md, told a second time and apart from the code that fills
-- operation_metrics; a test holds the two together. A thing counts on the first day on which its evidence was seen,
-- so that days add up to the total. Countries do not: one lead may name several.
CREATE VIEW own_figures AS
WITH own AS (
    SELECT operations.operation_id FROM operations WHERE operations.origin = 'own'
),

current_leads AS (
    SELECT leads.lead_id, leads.type, leads.first_seen, leads.countries, leads.origin_countries
    FROM leads
    WHERE
        coalesce(leads.state, 'new') <> 'dismissed'
        AND leads.operation = (SELECT arg_max(snapshots.operation, snapshots.version) FROM snapshots)
),

named_countries AS (
    SELECT DISTINCT code.lead_id, code.country
    FROM (
        SELECT current_leads.lead_id, trim(unnest(string_split(current_leads.countries, ','))) AS country
        FROM current_leads
    ) AS code
    WHERE regexp_full_match(code.country, '[A-Z]{2}')
),

counted_leads (type, metric) AS (
    VALUES
    ('potential_victim', 'potential_victims'),
    ('potential_exploiter', 'suspects_identified'),
    ('potential_recruiter', 'facilitators_identified'),
    ('potential_facilitator', 'facilitators_identified'),
    ('username', 'usernames'),
    ('url', 'urls')
),

shown_items AS (
    SELECT listings.item_id, listings.url, listings.site AS platform, listings.first_seen FROM listings
    UNION ALL
    SELECT messages.item_id, messages.url, concat(messages.site, '/', messages.channel), messages.first_seen
    FROM messages
),

evidence AS (
    SELECT
        lead_evidence.item_id,
        current_leads.first_seen AS day,
        coalesce(shown_items.url, lead_evidence.capture_id) AS page,
        shown_items.platform
    FROM lead_evidence
    INNER JOIN current_leads ON current_leads.lead_id = lead_evidence.lead_id
    LEFT JOIN shown_items ON shown_items.item_id = lead_evidence.item_id
    WHERE current_leads.type LIKE 'potential\_%' ESCAPE '\' OR current_leads.type = 'site'
),

places AS (
    SELECT DISTINCT facts.item_id, facts.unit AS country
    FROM facts WHERE facts.kind = 'place' AND regexp_full_match(facts.unit, '[A-Z]{2}')
),

things AS (
    SELECT counted_leads.metric, current_leads.lead_id AS thing, current_leads.first_seen AS day, named_countries.country
    FROM current_leads
    INNER JOIN counted_leads ON counted_leads.type = current_leads.type
    LEFT JOIN named_countries ON named_countries.lead_id = current_leads.lead_id
    UNION ALL
    SELECT 'urls', evidence.page, evidence.day, places.country
    FROM evidence LEFT JOIN places ON places.item_id = evidence.item_id
    UNION ALL
    SELECT 'platforms_suspicious', evidence.platform, evidence.day, NULL
    FROM evidence WHERE evidence.platform IS NOT NULL
    UNION ALL
    SELECT 'platforms_checked', shown_items.platform, shown_items.first_seen, NULL FROM shown_items
    UNION ALL
    SELECT 'countries', named_countries.country, current_leads.first_seen, NULL
    FROM named_countries INNER JOIN current_leads ON current_leads.lead_id = named_countries.lead_id
    UNION ALL
    SELECT 'countries', operation_countries.country, NULL, NULL
    FROM operation_countries INNER JOIN own ON own.operation_id = operation_countries.operation_id
    UNION ALL
    SELECT 'nationalities', origin.country, origin.first_seen, NULL
    FROM (
        SELECT
            current_leads.first_seen,
            trim(unnest(string_split(current_leads.origin_countries, ','))) AS country
        FROM current_leads WHERE current_leads.type = 'potential_victim'
    ) AS origin
    WHERE regexp_full_match(origin.country, '[A-Z]{2}')
),

dated AS (
    SELECT things.metric, things.thing, things.country,
        min(things.day) OVER (PARTITION BY things.metric, things.thing) AS day
    FROM things
),

-- A query that was looked up counts on the day of its first check, a hit on the day on which it was first met.
screened AS (
    SELECT figure.metric, figure.country, figure.day, CAST(sum(figure.value) AS BIGINT) AS value
    FROM (
        SELECT 'database_checks' AS metric, screening_counts.country, screening_counts.day, screening_counts.checks AS value
        FROM screening_counts
        UNION ALL
        SELECT 'database_hits', screening_counts.country, screening_counts.day, screening_counts.hits
        FROM screening_counts
    ) AS figure
    GROUP BY figure.metric, figure.country, GROUPING SETS ((figure.day), ())
    HAVING sum(figure.value) > 0
),

counted AS (
    SELECT dated.metric, dated.country, dated.day, count(DISTINCT dated.thing) AS value,
        grouping(dated.country) = 0 AS of_country, grouping(dated.day) = 0 AS of_day
    FROM dated
    GROUP BY GROUPING SETS (
        (dated.metric), (dated.metric, dated.country), (dated.metric, dated.day),
        (dated.metric, dated.country, dated.day)
    )
)

SELECT counted.metric, counted.country, counted.day, counted.value
FROM counted
WHERE (counted.country IS NOT NULL OR NOT counted.of_country) AND (counted.day IS NOT NULL OR NOT counted.of_day)
UNION ALL
SELECT screened.metric, screened.country, screened.day, screened.value FROM screened WHERE EXISTS (FROM own)
UNION ALL
-- Looked up without a hit is a figure; without any list there is none.
SELECT metric.name, NULL, NULL, 0
FROM (SELECT unnest(['database_checks', 'database_hits']) AS name) AS metric
ANTI JOIN screened ON screened.metric = metric.name
WHERE EXISTS (FROM own) AND EXISTS (FROM screening_lists)
UNION ALL
-- Nothing found is a figure, too.
SELECT nothing.metric, NULL, NULL, 0
FROM (
    SELECT DISTINCT counted_leads.metric FROM counted_leads
    UNION
    SELECT unnest(['platforms_checked', 'platforms_suspicious'])
) AS nothing
ANTI JOIN counted ON counted.metric = nothing.metric
WHERE EXISTS (FROM own)
ORDER BY metric, country NULLS FIRST, day NULLS FIRST;

COMMENT ON VIEW own_figures IS 'The metrics of our own operation: country and day are null in a total, filled in a part. Days add up to the total, countries do not. Grain: metric, country, day.';
