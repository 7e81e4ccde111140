{% snapshot users_over_time %}
{{ config(unique_key='user_id', strategy='check', check_cols=['level']) }}
select * from {{ ref('raw_users') }}
{% endsnapshot %}
