import configparser
import time

import psycopg2

from sql_queries import copy_table_queries, insert_table_queries


def run_all(conn, queries):
    for query in queries:
        start = time.time()
        with conn.cursor() as cur:
            cur.execute(query)
        conn.commit()
        print(f"{query.split()[0]} {query.split()[2]}: {time.time() - start:.2f} s")


def main():
    config = configparser.ConfigParser()
    config.read_file(open("dwh.cfg"))
    cluster = config["CLUSTER"]
    conn = psycopg2.connect(
        host=cluster["HOST"], dbname=cluster.get("DB_NAME"), user=cluster.get("DB_USER"),
        password=cluster.get("DB_PASSWORD"), port=cluster.getint("DB_PORT"),
    )
    conn.set_session(autocommit=False)
    run_all(conn, copy_table_queries)
    with conn.cursor() as cur:
        cur.execute("SELECT starttime, filename, err_reason, line_number, colname FROM stl_load_errors ORDER BY starttime DESC LIMIT 10")
        for row in cur.fetchall():
            print(row)
    run_all(conn, insert_table_queries)
    conn.close()


if __name__ == "__main__":
    main()
